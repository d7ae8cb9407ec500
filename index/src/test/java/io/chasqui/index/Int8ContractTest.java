package io.chasqui.index;

/** An index that compares codes first. */
class Int8ContractTest extends PassageIndexContractTest {
  @Override
  ElementType elements() {
    return ElementType.INT8;
  }
}
