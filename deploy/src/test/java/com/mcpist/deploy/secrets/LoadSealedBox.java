package com.mcpist.deploy.secrets;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secrets.RepositorySecrets.SealedBox;

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
