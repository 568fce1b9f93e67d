package com.mcpist.telemetry;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Keeps the memory of this process, its environment and its files from other programs of its user.
 * Only root can then read them, or attach a debugger. The process leaves no core dump. macOS has
 * nothing that does the same.
 */
public final class PrivateProcess {
  private static final int PR_SET_DUMPABLE = 4;

  private PrivateProcess() {}

  /** Begins it, which is the first thing that a program with secrets does. */
  @SuppressWarnings("restricted")
  public static void begin() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle prctl =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("prctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    try {
      int failed = (int) prctl.invokeExact(PR_SET_DUMPABLE, 0L);
      if (failed != 0) {
        throw new IllegalStateException("the system does not let this process be private");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the system's library cannot be called", e);
    }
  }
}
