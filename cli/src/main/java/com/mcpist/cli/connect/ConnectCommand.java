package com.mcpist.cli.connect;

import com.mcpist.cli.console.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "connect",
    description = {
      "Serves MCP on standard input and output, and forwards it to URL.",
      "",
      "It is for clients without HTTP, and for those that do not send a call again when its"
          + " connection breaks. Each call gets a key and is sent again until it is answered, for"
          + " 5 minutes: it runs once.",
      "",
      "The API key, if one is needed, is in MCPIST_API_KEY or in the file of --key-file. It is sent"
          + " by HTTPS only, or to this machine."
    },
    footer = {
      "  mcpist connect http://127.0.0.1:8080/mcp",
      "  mcpist connect https://mcp.example.com/mcp --key-file ~/.mcpist-key",
      "  # For Claude Code:",
      "  claude mcp add notes -- mcpist connect http://127.0.0.1:8080/mcp"
    })
public final class ConnectCommand implements Callable<Integer> {
  /** Addresses that need no look-up: the answer to a look-up could be another machine's address. */
  private static final Pattern THIS_MACHINE =
      Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]", Pattern.CASE_INSENSITIVE);

  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Parameters(paramLabel = "URL", description = "The server's address, as `mcpist up` prints it.")
  private String url = "";

  @Option(names = "--key-file", paramLabel = "FILE", description = "The file with the API key.")
  private @Nullable Path keyFile;

  /**
   * The same without picocli and the other commands, which take most of the time of a start: for
   * {@code connect URL [--key-file FILE]}.
   */
  public static void main(String[] args) {
    ConnectCommand command = new ConnectCommand();
    command.url = args[1];
    command.keyFile = args.length > 2 ? Path.of(args[3]) : null;
    try {
      System.exit(command.call());
    } catch (Failure e) {
      System.err.println("mcpist: " + e.getMessage());
      System.exit(e.code());
    } catch (IOException | InterruptedException _) {
      System.exit(ExitCode.SOFTWARE); // The host is gone.
    }
  }

  @Override
  public Integer call() throws Failure, IOException, InterruptedException {
    URI address = address(url);
    String key = key();
    if (key != null && !isProtected(address)) {
      throw Failure.usage(
          "the key would be sent in clear text to "
              + address.getHost()
              + ": URL must begin with https:// unless it is of this machine");
    }
    Remote remote = new Remote(address, key, System.err);
    new Bridge(remote, System.out, LIMIT).run(System.in);
    return ExitCode.OK;
  }

  private static URI address(String text) throws Failure {
    try {
      URI address = URI.create(text);
      String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
      if (address.getUserInfo() == null
          && address.getHost() != null
          && (scheme.equals("http") || scheme.equals("https"))) {
        return address;
      }
    } catch (IllegalArgumentException _) {
      // As any other that is none.
    }
    throw Failure.usage(
        "URL must be like http://127.0.0.1:8080/mcp or https://mcp.example.com/mcp, without a"
            + " user");
  }

  /** Returns true if nobody between this process and the server can read what is sent. */
  private static boolean isProtected(URI address) {
    return address.getScheme().equalsIgnoreCase("https")
        || THIS_MACHINE.matcher(address.getHost()).matches();
  }

  private @Nullable String key() throws Failure {
    String key = System.getenv("MCPIST_API_KEY");
    if (keyFile != null) {
      try {
        key = Files.readString(keyFile).strip();
      } catch (IOException _) {
        throw Failure.usage("--key-file cannot be read: " + keyFile);
      }
    }
    if (key != null && !key.matches("[!-~]+")) {
      throw Failure.usage(
          (keyFile == null ? "MCPIST_API_KEY" : "The file of --key-file") + " has no key in it");
    }
    return key;
  }
}
