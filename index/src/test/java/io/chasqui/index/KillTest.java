package io.chasqui.index;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a writing process (SIGKILL) again and again; each time, nothing committed may be lost. */
class KillTest {
  @TempDir Path folder;

  @Test
  void thirtyKills() throws Exception {
    kill(30, 11);
  }

  @Test
  @Tag("nightly")
  void twoThousandKills() throws Exception {
    kill(2_000, 12);
  }

  private void kill(int kills, long seed) throws Exception {
    KillCampaign campaign = new KillCampaign(folder, seed);
    campaign.kill(kills);
    System.out.println(campaign);
    assertTrue(campaign.inCommit() * 4 >= campaign.kills(), campaign.toString());
  }
}
