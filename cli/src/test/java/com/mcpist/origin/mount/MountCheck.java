package com.mcpist.origin.mount;

/** Tells what it was given, and that a server whose name begins with "bad" does not start. */
public final class MountCheck {
  private MountCheck() {}

  public static void main(String[] args) {
    if (args[0].startsWith("bad")) {
      System.out.println("{\"ok\":false,\"problem\":\"there is no program bad\"}");
      System.exit(1);
    }
    String secret = System.getenv().getOrDefault("X_TOKEN", "none");
    System.out.printf(
        "{\"ok\":true,\"server\":{\"name\":\"stand-in\",\"version\":\"%s\"},\"revision\":\"2025-11-25\","
            + "\"tools\":[{\"name\":\"echo\",\"offeredAs\":\"%s_echo\",\"effect\":\"reads\"}],"
            + "\"prompts\":2,\"resources\":3,\"millis\":1}%n",
        secret.length(), args[0]);
  }
}
