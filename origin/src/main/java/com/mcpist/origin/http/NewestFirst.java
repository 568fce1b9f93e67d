package com.mcpist.origin.http;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Linux to give new connections to the socket that began to listen last. By itself it spreads
 * them over all sockets of a port, and resets those that wait in one that is closed. So one that is
 * to be closed asks first: from then on it gets none, if there is a newer one.
 *
 * <p>Linux knows the sockets of a port by index, in the order in which they began; a closed one's
 * index goes to the last. Asked for one that is not there it chooses as it always does. There are
 * two at most, so "index 1" is the newer of two, and the only one of one.
 *
 * <p>The first use of the system's library takes a JVM some tenths of a second, which is why
 * nothing is asked when a process starts.
 */
final class NewestFirst {
  private static final Logger LOG = LoggerFactory.getLogger(NewestFirst.class);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** SOL_SOCKET and SO_ATTACH_REUSEPORT_CBPF of x86-64 and arm64, socket(7). */
  private static final int SOCKET_LEVEL = 1;

  private static final int ATTACH_PROGRAM = 51;

  /** A program of one instruction, struct sock_filter: return (BPF_RET with BPF_K) this number. */
  private static final short RETURN = 0x06;

  private static final int INDEX = 1;
  private static final int INSTRUCTION_BYTES = 8;
  private static final int INSTRUCTION_VALUE_AT = 4;

  /** The program's length and address, struct sock_fprog. */
  private static final int PROGRAM_BYTES = 16;

  private static final int PROGRAM_ADDRESS_AT = 8;

  /** Of both families' addresses: where the port is, and a length that is enough for either. */
  private static final int PORT_AT = 2;

  private static final int ADDRESS_BYTES = 28;

  /** The numbers of this process's open files. */
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final MethodHandle getsockname;
  private final MethodHandle setsockopt;

  @SuppressWarnings("restricted")
  private NewestFirst(Linker linker) {
    getsockname =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("getsockname"),
            FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
    setsockopt =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("setsockopt"),
            FunctionDescriptor.of(INT, INT, INT, INT, ValueLayout.ADDRESS, INT));
  }

  /**
   * Asks it for this process's socket that listens on that port. Where that is not possible
   * connections that come in the instant of a change may be reset.
   */
  static void ask(InetSocketAddress listening) {
    boolean asked;
    String refusal = "no socket takes a program";
    try {
      asked = new NewestFirst(Linker.nativeLinker()).attach(listening.getPort());
    } catch (IOException | RuntimeException e) {
      asked = false;
      refusal = e.toString();
    }
    if (!asked) {
      LOG.warn("Connections that come just now may be reset: {}", refusal);
    }
  }

  /** Java does not tell a socket's number, and connections have the same port: all are tried. */
  private boolean attach(int port) throws IOException {
    boolean done = false;
    try (Arena arena = Arena.ofConfined();
        DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      MemorySegment program = program(arena);
      MemorySegment name = arena.allocate(ADDRESS_BYTES, Long.BYTES);
      MemorySegment length = arena.allocate(INT);
      for (Path each : descriptors) {
        int descriptor = Integer.parseInt(each.getFileName().toString());
        length.set(INT, 0, ADDRESS_BYTES);
        done |= hasPort(descriptor, name, length, port) && attach(descriptor, program);
      }
    }
    return done;
  }

  private boolean hasPort(int descriptor, MemorySegment name, MemorySegment length, int port) {
    try {
      return (int) getsockname.invokeExact(descriptor, name, length) == 0
          && Short.toUnsignedInt(
                  name.get(
                      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), PORT_AT))
              == port;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private boolean attach(int descriptor, MemorySegment program) {
    try {
      return (int)
              setsockopt.invokeExact(
                  descriptor, SOCKET_LEVEL, ATTACH_PROGRAM, program, PROGRAM_BYTES)
          == 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("a call of the system's library failed", e);
  }

  private static MemorySegment program(Arena arena) {
    MemorySegment instruction = arena.allocate(INSTRUCTION_BYTES, Long.BYTES);
    instruction.set(ValueLayout.JAVA_SHORT, 0, RETURN);
    instruction.set(INT, INSTRUCTION_VALUE_AT, INDEX);
    MemorySegment program = arena.allocate(PROGRAM_BYTES, Long.BYTES);
    program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
    program.set(ValueLayout.ADDRESS, PROGRAM_ADDRESS_AT, instruction);
    return program;
  }
}
