package com.mcpist.pair;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of its own for this process: Ctrl-C in the terminal, and its closing, then reach only
 * the command line, which asks for an orderly stop, and not the database and the origins at once.
 */
final class Session {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private Session() {}

  /** Calls setsid(2); where that is not possible the process stays where it is. */
  @SuppressWarnings("restricted")
  static void begin() {
    Linker linker = Linker.nativeLinker();
    linker
        .defaultLookup()
        .find("setsid")
        .map(
            function ->
                linker.downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT)))
        .ifPresent(Session::call);
  }

  private static void call(MethodHandle setsid) {
    try {
      int session = (int) setsid.invokeExact();
      LOG.debug("session {}", session);
    } catch (Throwable e) {
      LOG.warn("no session of our own", e);
    }
  }
}
