package com.mcpist.edge;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose end is also the edge's, so that no edge outlives what would start it again. */
public sealed interface Supervision {
  /** Nobody's: the edge stops on SIGTERM. */
  record None() implements Supervision {}

  /** That of whoever holds the other end of standard input. */
  record StandardInput() implements Supervision {}

  /** That of the process which started this one; for where standard input is a socket. */
  record Parent(long pid) implements Supervision {}

  /** How often the parent is looked for. */
  long LOOK_MILLIS = 250;

  /** Reads MCPIST_SUPERVISED. */
  static Supervision parse(String value) {
    if (value.matches("[1-9][0-9]{0,17}")) {
      return new Parent(Long.parseLong(value));
    }
    return switch (value) {
      case "true" -> new StandardInput();
      case "false", "" -> new None();
      default ->
          throw new ConfigException(
              "MCPIST_SUPERVISED must be true, false or the process number of the supervisor");
    };
  }

  /** Returns when the supervisor has gone; never where there is none. */
  default void awaitEnd() throws InterruptedException {
    switch (this) {
      case None() -> new CountDownLatch(1).await();
      case StandardInput() -> readToEnd();
      case Parent(long pid) -> {
        // The parent of a process whose parent has gone is another one, so neither a number that
        // was given anew nor an end before this look is missed.
        while (ProcessHandle.current().parent().filter(p -> p.pid() == pid).isPresent()) {
          TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
      }
    }
  }

  /** What a supervisor writes has no meaning; only that it is there. */
  private static void readToEnd() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      Logger log = LoggerFactory.getLogger(Supervision.class);
      log.warn("standard input failed: taken as its end");
    }
  }
}
