package com.mcpist.origin.mcp;

/** Fuzz target: whole requests, through reading, negotiation and dispatch. */
public final class EndpointFuzz {
  private static final FuzzTest ENDPOINT = new FuzzTest();

  private EndpointFuzz() {}

  /** Whatever comes is answered once, with what the protocol knows. */
  public static void fuzzerTestOneInput(byte[] input) {
    HeadedBody request = HeadedBody.of(input);
    ENDPOINT.assertAnswered(request.body(), request::get);
  }
}
