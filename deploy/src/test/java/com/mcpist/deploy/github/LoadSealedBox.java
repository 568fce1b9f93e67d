package com.mcpist.deploy.github;

import com.mcpist.deploy.github.RepositorySecrets.SealedBox;
import com.mcpist.deploy.platform.PlatformException;

/** A program that loads libsodium, and says what became of it. */
final class LoadSealedBox {
  private LoadSealedBox() {}

  public static void main(String[] arguments) {
    try {
      SealedBox.load();
      System.out.println("loaded");
    } catch (PlatformException e) {
      System.out.println(e.getMessage());
    }
  }
}
