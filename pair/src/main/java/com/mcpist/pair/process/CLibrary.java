package com.mcpist.pair.process;

import module java.base;

/** The few calls of the C library for which Java has none of its own; the same on every Unix. */
public final class CLibrary {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final MethodHandle DUP = function("dup", INT);
  private static final MethodHandle DUP2 = function("dup2", INT, INT);
  private static final MethodHandle CLOSE = function("close", INT);
  private static final MethodHandle GETSOCKNAME =
      function("getsockname", INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS);
  private static final MethodHandle SETSID = function("setsid");

  /** Of prctl, which only Linux has: whether others of the same user may read the process. */
  private static final int PR_SET_DUMPABLE = 4;

  /** The length of an IPv4 address and port (sockaddr_in), and where in it each of them is. */
  private static final int ADDRESS_BYTES = 16;

  private static final int PORT_AT = 2;
  private static final int HOST_AT = 4;

  private CLibrary() {}

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(INT, arguments));
  }

  private static int call(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the system's library failed", e);
    }
  }

  /** A new number for the same file; negative where the number has none. */
  static int dup(int descriptor) {
    return call(DUP, descriptor);
  }

  /** Gives a number to another file, and closes what it stood for. */
  static void dup2(int descriptor, int number) throws IOException {
    if (call(DUP2, descriptor, number) < 0) {
      throw new IOException("file descriptor " + number + " cannot be replaced");
    }
  }

  /** Closes one; where it is closed already nothing happens. */
  static void close(int descriptor) {
    int _ = call(CLOSE, descriptor);
  }

  /** The number of this process's socket with that IPv4 address and port. Java does not tell it. */
  static int find(InetSocketAddress address) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(ADDRESS_BYTES, Long.BYTES);
      MemorySegment length = arena.allocate(INT);
      for (int descriptor = 0; descriptor < 65_536; descriptor++) { // No process of ours has more.
        length.set(INT, 0, ADDRESS_BYTES);
        if (call(GETSOCKNAME, descriptor, name, length) == 0
            && length.get(INT, 0) == ADDRESS_BYTES
            && isAddress(name, address)) {
          return descriptor;
        }
      }
    }
    throw new IOException("no file descriptor is the socket of " + address);
  }

  private static boolean isAddress(MemorySegment name, InetSocketAddress address) {
    byte[] host = name.asSlice(HOST_AT, Integer.BYTES).toArray(ValueLayout.JAVA_BYTE);
    short port =
        name.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), PORT_AT);
    return Short.toUnsignedInt(port) == address.getPort()
        && Arrays.equals(host, address.getAddress().getAddress());
  }

  /**
   * Keeps this process's memory, environment and files from other programs of its user, which
   * mounted servers are. On macOS nothing does.
   */
  @SuppressWarnings("restricted")
  public static void bePrivate() {
    if (System.getProperty("os.name").equals("Linux")) {
      Linker linker = Linker.nativeLinker();
      MethodHandle prctl =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("prctl"),
              FunctionDescriptor.of(INT, INT, ValueLayout.JAVA_LONG),
              Linker.Option.firstVariadicArg(1));
      if (call(prctl, PR_SET_DUMPABLE, 0L) != 0) {
        throw new IllegalStateException("the system does not let this process be private");
      }
    }
  }

  /**
   * Begins a session for this process: Ctrl-C in the terminal, and its closing, then reach only the
   * command line, which asks for an orderly stop, and not the database and the origins at once.
   */
  public static void beginSession() {
    int _ = call(SETSID);
  }
}
