package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Interruption;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.mount.MountCommand.OfFile;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.pair.data.KeptVariables;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Changes mounts.json, and brings the change to a pair that runs on this machine. */
abstract class MountChange extends OfFile {
  PlainSecrets secrets() throws Exception {
    return new PlainSecrets(new KeptVariables(pair().data()).with(System.getenv()));
  }

  /** Writes it; where the pair that runs cannot have it, all is as it was before. */
  int apply(MountFile file, String done, PlainSecrets secrets, Set<String> removed)
      throws Exception {
    Mounts mounts = file.mounts();
    KeptVariables kept = new KeptVariables(pair().data());
    Map<String, String> before = kept.read();
    Optional<PairMounts> running =
        isLocal() && pair().status().isPresent()
            ? Optional.of(PairMounts.of(this, mounts, removed))
            : Optional.empty();
    if (!secrets.found().isEmpty()) {
      kept.keep(secrets.found());
    }
    file.write();
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = Output.progress(false)) {
      progress.line(done);
      secrets
          .found()
          .keySet()
          .forEach(
              name -> progress.line(file.path() + " refers to ${" + name + "}, " + kept.told()));
      if (running.isEmpty()) {
        progress.line(hinted(next(mounts, secrets)));
        return ExitCode.OK;
      }
      boolean mounted = false;
      try {
        progress.line(running.get().bring(progress));
        mounted = true;
        return ExitCode.OK;
      } catch (InterruptedException _) {
        mounted = true; // It may be.
        System.err.println(
            hinted("mcpist: stopped. What has begun goes on; `mcpist deploy` does the rest."));
        return ExitCode.SOFTWARE;
      } finally {
        if (!mounted) {
          file.restore();
          if (!secrets.found().isEmpty()) {
            kept.write(before);
          }
          progress.line(file.path() + " is as it was before.");
        }
      }
    }
  }

  private String next(Mounts mounts, PlainSecrets secrets) throws Failure {
    if (isLocal()) {
      return "No pair is running; `mcpist up` mounts it.";
    }
    Set<String> unlisted = mounts.required();
    unlisted.removeAll(deployment().secretsFor(SecretTarget.ORIGINS));
    List<String> steps = new ArrayList<>();
    if (!unlisted.isEmpty()) {
      steps.add(
          "In mcpist.yml, under secrets: "
              + unlisted.stream()
                  .map(name -> name + ": [origins]")
                  .collect(Collectors.joining(", ")));
    }
    Set<String> values = new TreeSet<>(unlisted);
    values.addAll(secrets.found().keySet());
    for (String name : values) {
      steps.add(
          "gh secret set %s --env production, and add it to .github/workflows/secrets.yml"
              .formatted(name));
    }
    steps.add(values.isEmpty() ? "mcpist deploy" : "mcpist secrets sync, then mcpist deploy");
    return "The origins mount it with the next deployment:\n"
        + IntStream.range(0, steps.size())
            .mapToObj(i -> "  " + (i + 1) + ". " + steps.get(i))
            .collect(Collectors.joining("\n"));
  }

  @Command(
      name = "add",
      description = {
        "Adds a server: a program with its arguments after --, or an address.",
        "",
        "The command first starts the server on this machine, or connects to it, and"
            + " refuses one that does not answer. A pair that runs here then restarts its origins"
            + " one after the other, without a failed call.",
        "",
        "What looks like a secret (TOKEN, KEY, SECRET, PASSWORD, Authorization) is not"
            + " written into mounts.json: it is kept in the pair's data folder, and mounts.json"
            + " refers to it as $${NAME}."
      },
      footer = {
        "  mcpist mount add everything \\",
        "      -- npx -y @modelcontextprotocol/server-everything",
        "  # With a variable of this environment:",
        "  mcpist mount add github --env GITHUB_TOKEN \\",
        "      -- npx -y @modelcontextprotocol/server-github",
        "  # At an address:",
        "  mcpist mount add search https://mcp.example.com/mcp \\",
        "      --header \"Authorization=Bearer $TOKEN\""
      })
  static final class Add extends MountChange {
    @Option(
        names = "--env",
        paramLabel = "NAME[=VALUE]",
        mapFallbackValue = Option.NULL_VALUE,
        description = "A variable of the program. Without a value it is the origin's of that name.")
    private Map<String, Optional<String>> env = Map.of();

    @Option(
        names = "--header",
        paramLabel = "NAME=VALUE",
        description = "A header of each request to the address.")
    private Map<String, String> headers = Map.of();

    @Option(names = "--force", description = "Add it even if it does not answer.")
    private boolean force;

    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "The mount's name, such as weather.")
    private String name = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "URL | -- COMMAND ARG",
        description = "Its address, or its program with arguments.")
    private List<String> words = List.of();

    private final Map<String, String> paths = new LinkedHashMap<>();

    @Override
    public Integer call() throws Exception {
      if (!Mounts.MOUNT.matcher(name).matches()) {
        throw Failure.usage(
            "NAME must be lower-case letters, digits and hyphens, 32 at most, starting with a"
                + " letter, not \"%s\". Such as %s.".formatted(name, ForeignFile.name(name)));
      }
      MountFile file = read();
      PlainSecrets secrets = secrets();
      file.add(name, server(secrets));
      String done = name + " is added to " + file.place() + ".";
      for (Map.Entry<String, String> path : paths.entrySet()) {
        done += " %s is there as %s.".formatted(path.getKey(), path.getValue());
      }
      if (!force) {
        try (Interruption _ = Interruption.ofThisThread();
            Progress progress = Output.progress(false)) {
          Trial trial = Trial.run(name, file.mounts(), secrets.found(), pair().data(), progress);
          if (!trial.passed()) {
            progress.failed();
            throw Failure.failed(
                "%s It is not added; --force adds it all the same."
                    .formatted(Failure.sentence(name + " does not answer: " + trial.problem())));
          }
          progress.done();
          done += " It is " + trial.summary() + ".";
          done += trial.notice().isEmpty() ? "" : " " + trial.notice() + ".";
        }
      }
      return apply(file, done, secrets, Set.of());
    }

    private ObjectNode server(PlainSecrets secrets) throws Failure {
      ObjectNode server = Output.object();
      boolean http = words.getFirst().matches("(https?://|\\$\\{).*");
      if (http && words.size() > 1) {
        throw Failure.usage("an address has no arguments: " + words.get(1) + ".");
      }
      if (http ? !env.isEmpty() : !headers.isEmpty()) {
        throw Failure.usage(
            http
                ? "--env is for a program; a request to an address has --header."
                : "--header is for an address; a program has --env.");
      }
      if (http) {
        server.put("type", "http").put("url", words.getFirst());
        if (!headers.isEmpty()) {
          ObjectNode all = server.putObject("headers");
          headers.forEach((key, value) -> all.put(key, secrets.header(name, key, value)));
        }
        return server;
      }
      boolean here = isLocal();
      String program = words.getFirst();
      // A bare one is looked for on the PATH.
      server.put("command", here && program.contains("/") ? whole(program) : program);
      words.stream()
          .skip(1)
          .map(word -> here ? whole(word) : word)
          .forEach(server.putArray("args")::add);
      if (!env.isEmpty()) {
        ObjectNode all = server.putObject("env");
        env.forEach(
            (key, value) ->
                all.put(
                    key,
                    value.map(text -> secrets.variable(name, key, text)).orElse("${" + key + "}")));
      }
      return server;
    }

    /**
     * The whole path of what is named from this folder, since the server runs in another one. A
     * bare name of a folder may be a package's.
     */
    private String whole(String word) {
      Path path = Path.of(word);
      boolean bare = !word.contains("/") && !word.matches("\\.\\.?");
      if (path.isAbsolute() || !(bare ? Files.isRegularFile(path) : Files.exists(path))) {
        return word;
      }
      return paths.computeIfAbsent(word, _ -> path.toAbsolutePath().normalize().toString());
    }
  }

  @Command(
      name = "remove",
      description = {
        "Removes a server from mounts.json, and secrets that only it used.",
        "",
        "A pair that runs here restarts its origins without it, one after the other."
      },
      footer = "  mcpist mount remove everything")
  static final class Remove extends MountChange {
    @Parameters(paramLabel = "NAME", description = "The mount's name.")
    private String name = "";

    @Override
    public Integer call() throws Exception {
      MountFile file = read();
      file.check(name);
      Mounts before = file.mounts();
      file.remove(name);
      int code =
          apply(
              file,
              name + " is removed from " + file.place() + ".",
              new PlainSecrets(Map.of()),
              Set.of(name));
      KeptVariables kept = new KeptVariables(pair().data());
      Set<String> unused = new TreeSet<>(before.variables(kept.read()).keySet());
      unused.removeAll(file.mounts().variables(kept.read()).keySet());
      kept.forget(unused);
      return code;
    }
  }

  @Command(
      name = "import",
      description = {
        "Adds all servers of another client's file.",
        "",
        "The file is that of Claude Desktop, Claude Code, Cursor or VS Code, or another"
            + " mounts.json. Names become lower-case letters, digits and hyphens. Secrets in it"
            + " are kept in the pair's data folder, as `mcpist mount add` does. If one server"
            + " cannot be imported, none is.",
        "",
        "The servers are not tried: `mcpist mount test NAME` does that."
      },
      footer = {
        "  mcpist mount import ~/.config/Claude/claude_desktop_config.json",
        "  mcpist mount import .vscode/mcp.json"
      })
  static final class Import extends MountChange {
    @Parameters(paramLabel = "FILE", description = "The client's file.")
    private Path other = Path.of("");

    @Override
    public Integer call() throws Exception {
      MountFile file = read();
      PlainSecrets secrets = secrets();
      ForeignFile foreign = ForeignFile.read(other, secrets);
      if (foreign.servers().isEmpty()) {
        throw Failure.usage(other + " has no server that can be imported.");
      }
      for (Map.Entry<String, ObjectNode> server : foreign.servers().entrySet()) {
        file.add(server.getKey(), server.getValue());
      }
      foreign.notes().forEach(System.out::println);
      String names = String.join(", ", foreign.servers().keySet());
      return apply(file, names + ": added to " + file.place() + ".", secrets, Set.of());
    }
  }
}
