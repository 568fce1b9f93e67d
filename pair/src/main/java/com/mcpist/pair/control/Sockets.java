package com.mcpist.pair.control;

import module java.base;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.FolderOwner;
import com.mcpist.pair.data.PairException;
import com.sun.security.auth.module.UnixSystem;

/**
 * The Unix sockets by which the programs of a pair reach each other. They are in a folder that only
 * the pair's user may enter. So no other user can connect to a program, and none can take a
 * program's place while that is down: what listens there was started by this user.
 */
public record Sockets(Path folder) {
  /** A Unix socket's path is 104 bytes at most on macOS, 108 on Linux. */
  private static final int LONGEST_PATH = 100;

  /** The longest name below the folder: that of the link of a drill to the database. */
  private static final int LONGEST_NAME = "/link-99/.s.PGSQL.5432".length();

  /**
   * Returns the sockets of the pair with this data folder. They are in the data folder, or, where
   * that has too long a path, in a folder of /tmp. XDG_RUNTIME_DIR is not used, since it goes when
   * its user logs out, and the pair may run on.
   */
  public static Sockets of(Path data) {
    Path near = DataFolder.run(data);
    boolean fits =
        near.toString().getBytes(StandardCharsets.UTF_8).length + LONGEST_NAME <= LONGEST_PATH;
    String far = "/tmp/mcpist-" + new UnixSystem().getUid() + "-" + hash(data);
    return new Sockets(fits ? near : Path.of(far));
  }

  private static String hash(Path data) {
    byte[] digest = Secret.sha256().digest(data.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  /**
   * Creates the folder if it is absent.
   *
   * @throws PairException if another user may enter the folder, or put another one in its place
   */
  public void create() throws PairException {
    DataFolder.createPrivate(folder);
    if (!isPrivate()) {
      throw new PairException(
          folder
              + " must be a folder that only you can enter (chmod 700): remove it, or choose a"
              + " data folder with a shorter path.");
    }
    FolderOwner.check(DataFolder.real(folder));
  }

  /** Returns true if only this process's user may enter the folder. */
  public boolean isPrivate() {
    return DataFolder.isPrivate(folder);
  }

  /** Returns the socket of the supervisor. */
  public Path control() {
    return folder.resolve("control.sock");
  }

  /**
   * Returns the address of an origin.
   *
   * @param place the origin's place in the order in which the edge prefers them, from 0 on
   */
  public URI origin(int place) {
    return SocketHttp.uri(folder.resolve("origin-" + (place + 1) + ".sock"));
  }

  /** Returns the address of an edge's admin listener. Each process of the edge has its own. */
  public URI edge(String id) {
    return SocketHttp.uri(folder.resolve("edge-" + id + ".sock"));
  }
}
