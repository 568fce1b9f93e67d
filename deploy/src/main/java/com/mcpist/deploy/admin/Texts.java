package com.mcpist.deploy.admin;

/** Texts as long as the admin path takes them. */
final class Texts {
  private static final int NAME = 200;
  private static final int TEXT = 4000;

  private Texts() {}

  /** What something is called. */
  static String name(String name) {
    return cut(name, NAME);
  }

  /** What has happened, in sentences. */
  static String text(String text) {
    return cut(text, TEXT);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }
}
