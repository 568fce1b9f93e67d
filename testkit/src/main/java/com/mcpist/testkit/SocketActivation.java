package com.mcpist.testkit;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a program as systemd starts the service of a socket: its standard input is a socket that
 * listens already, and goes on listening when the program ends. This needs a process of its own,
 * whose standard input can be given away.
 */
public final class SocketActivation {

  /** What the first line of the output begins with; the port follows. */
  public static final String PORT = "listening on port ";

  private SocketActivation() {}

  /** The command that starts a program so. It ends with the program, and with its exit code. */
  public static List<String> command(List<String> program) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx32m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(SocketActivation.class.getName());
    command.addAll(program);
    return command;
  }

  /**
   * The starting process.
   *
   * @param program the command
   */
  public static void main(String... program) throws Throwable {
    ServerSocketChannel.open().close(); // The first one opens other files, too.
    closeStandardInput();
    // The system gives a new file the lowest number that is free, which is standard input's now.
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      System.out.println(PORT + ((InetSocketAddress) socket.getLocalAddress()).getPort());
      System.exit(new ProcessBuilder(program).inheritIO().start().waitFor());
    }
  }

  @SuppressWarnings("restricted")
  private static void closeStandardInput() throws Throwable {
    Linker linker = Linker.nativeLinker();
    int closed =
        (int)
            linker
                .downcallHandle(
                    linker.defaultLookup().findOrThrow("close"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                .invokeExact(0);
    if (closed != 0) {
      throw new IllegalStateException("standard input cannot be closed");
    }
  }
}
