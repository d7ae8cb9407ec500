package io.chasqui.index;

/** An index of two-byte numbers. */
class Float16ContractTest extends PassageIndexContractTest {
  @Override
  ElementType elements() {
    return ElementType.FLOAT16;
  }

  @Override
  public float tolerance() {
    return 1e-3f;
  }
}
