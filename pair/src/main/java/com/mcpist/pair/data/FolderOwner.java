package com.mcpist.pair.data;

import module java.base;

import com.sun.security.auth.module.UnixSystem;

/**
 * Says who may change what is in a folder. As for a key of ssh, this depends on the folder and on
 * each folder above it: whoever may write one of them can put another folder in its place.
 */
public final class FolderOwner {
  private static final long ROOT = 0;
  private static final int STICKY = 01000;
  private static final int GROUP_WRITES = 0020;
  private static final int OTHERS_WRITE = 0002;

  private FolderOwner() {}

  private record Attributes(long uid, long gid, int mode) {
    static Attributes of(Path folder) throws IOException {
      Map<String, Object> read = Files.readAttributes(folder, "unix:uid,gid,mode");
      return new Attributes(number(read, "uid"), number(read, "gid"), (int) number(read, "mode"));
    }

    private static long number(Map<String, Object> attributes, String name) {
      return ((Number) Objects.requireNonNull(attributes.get(name))).longValue();
    }

    /** Returns true if only the owner may add, rename and delete what is in the folder. */
    boolean isOwnersAlone() {
      return (mode & (GROUP_WRITES | OTHERS_WRITE)) == 0;
    }

    /** Returns true if everybody may add to the folder, but rename and delete only their own. */
    boolean isSticky() {
      return (mode & STICKY) != 0;
    }

    /** Returns true if the group that may write is root's, or one that has only this user. */
    boolean isWrittenByOwnGroup(UnixSystem user) {
      boolean own = gid == user.getGid() && gid == user.getUid();
      return (mode & OTHERS_WRITE) == 0 && (gid == ROOT || own);
    }
  }

  /**
   * Checks that no other user but root may change what is in a folder.
   *
   * @param folder the real path of a folder
   * @throws PairException if another user owns or may write the folder, or may put another one in
   *     its place
   */
  public static void check(Path folder) throws PairException {
    UnixSystem user = new UnixSystem();
    try {
      Attributes own = Attributes.of(folder);
      if (own.uid() != user.getUid()) {
        throw refused(folder, "belongs to another user");
      }
      if (!own.isOwnersAlone()) {
        throw refused(folder, "may be written by others (chmod go-w mends that)");
      }
      for (Path each = folder.getParent(); each != null; each = each.getParent()) {
        Attributes above = Attributes.of(each);
        boolean ours = above.uid() == user.getUid() || above.uid() == ROOT;
        boolean safe = above.isOwnersAlone() || above.isSticky() || above.isWrittenByOwnGroup(user);
        if (!ours || !safe) {
          throw refused(
              folder,
              "is in %s, in which another user may replace it (chmod go-w %1$s mends that)"
                  .formatted(each));
        }
      }
    } catch (IOException e) {
      throw new PairException("cannot read who owns " + folder + ": " + DataFolder.reason(e), e);
    }
  }

  private static PairException refused(Path folder, String why) {
    return new PairException(
        "%s %s. It holds passwords and keys: choose another folder with --data."
            .formatted(folder, why));
  }
}
