package io.chasqui.djl;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Whether operations of this thread are recorded for a backward pass. */
final class GradMode {
  private GradMode() {}

  static <T> T on(Supplier<T> work) {
    return with(true, work);
  }

  static <T> T off(Supplier<T> work) {
    return with(false, work);
  }

  static <T> T with(boolean recording, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(recording);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
