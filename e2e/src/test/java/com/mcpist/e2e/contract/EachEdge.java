package com.mcpist.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** The same tests with one edge after the other, each of which runs for all of them. */
abstract class EachEdge {
  static ContractRig rig;

  /** For what comes of silence, and of no origin. */
  static ContractRig hasty;

  EachEdge(EdgeKind kind) {
    assertThat(rig).as("runs, with " + kind).isNotNull();
  }

  @BeforeParameterizedClassInvocation
  static void start(EdgeKind kind) throws Exception {
    rig = new ContractRig(kind);
    hasty = ContractRig.hasty(kind);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    rig.close();
    hasty.close();
  }

  @BeforeEach
  void settle() throws IOException {
    rig.settle();
    hasty.settle();
  }
}
