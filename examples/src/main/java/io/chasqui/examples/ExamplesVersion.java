package io.chasqui.examples;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version in the jar's manifest. */
final class ExamplesVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = ExamplesVersion.class.getPackage().getImplementationVersion();
    return new String[] {"Chasqui " + Optional.ofNullable(version).orElse("(not packaged)")};
  }
}
