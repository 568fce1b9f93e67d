package com.mcpist.cli;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.image.ImageException;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secrets.SecretsException;
import com.mcpist.pair.data.PairException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One line for whatever went wrong, and the exit code. A stack trace is for a file. */
final class Failures implements IExecutionExceptionHandler {
  private final BooleanSupplier verbose;

  Failures(BooleanSupplier verbose) {
    this.verbose = verbose;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    int code = told(e, err);
    err.flush();
    return code;
  }

  private int told(Exception e, PrintWriter err) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case Failure failure -> {
        err.println("mcpist: " + message);
        yield failure.code();
      }
      case ConfigException _ -> {
        // A line for each mistake.
        message.lines().forEach(line -> err.println("mcpist: " + line));
        yield ExitCode.USAGE;
      }
      case DeployException _,
          PlatformException _,
          ImageException _,
          AdminException _,
          EdgeException _,
          PairException _,
          SecretsException _ -> {
        err.println("mcpist: " + sentence(message));
        yield ExitCode.SOFTWARE;
      }
      default -> {
        unexpected(e, err);
        yield ExitCode.SOFTWARE;
      }
    };
  }

  private void unexpected(Exception e, PrintWriter err) {
    err.println("mcpist: this should not happen: " + reason(e));
    if (!verbose.getAsBoolean() && System.getenv("MCPIST_DEBUG") == null) {
      err.println("mcpist: with --verbose its cause is written to a file.");
      return;
    }
    try {
      Path file = Files.createTempFile("mcpist-", ".log");
      try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
        e.printStackTrace(out);
      }
      err.println("mcpist: its cause is in " + file);
    } catch (IOException _) {
      err.println("mcpist: its cause could not be written to a file.");
    }
  }

  static String sentence(String text) {
    return text.matches("(?s).*[.!?]") ? text : text + ".";
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null
        ? "an internal error"
        : message.lines().findFirst().orElse("an internal error");
  }
}
