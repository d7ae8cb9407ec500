package io.chasqui.index;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the kernel, once. */
final class Kernels {
  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
  private static final String MODULE = "jdk.incubator.vector";

  /** Compiled apart from the rest, since its module is not always there. */
  private static final String VECTOR_KERNEL = "io.chasqui.index.VectorKernel";

  static final Kernel BEST = choose();

  private Kernels() {}

  private static Kernel choose() {
    Kernel kernel = new ScalarKernel();
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      LOG.info("dot products: {}; --add-modules {} makes them faster", kernel.name(), MODULE);
      return kernel;
    }
    try {
      kernel =
          Class.forName(VECTOR_KERNEL)
              .asSubclass(Kernel.class)
              .getDeclaredConstructor()
              .newInstance();
      LOG.info("dot products: {}", kernel.name());
    } catch (ReflectiveOperationException | LinkageError e) {
      // An incubating module may change with any JDK.
      LOG.warn("dot products: {}, since this JDK's {} does not fit", kernel.name(), MODULE, e);
    }
    return kernel;
  }
}
