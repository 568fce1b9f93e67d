package com.mcpist.deploy.platform.ssh;

import module java.base;

import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

final class SshHost {
  private final HostedApp app;
  private final Ssh ssh;
  private final HostScript script;
  private final HostErrors errors;

  private volatile String engine;

  SshHost(HostedApp app, Map<String, String> environment) {
    this.app = app;
    this.ssh = new Ssh(app, environment);
    this.script = new HostScript(app);
    this.errors = new HostErrors(app);
    this.engine = app.engine().orElse("podman");
  }

  HostedApp app() {
    return app;
  }

  String engine() {
    return engine;
  }

  String logs(String container) {
    return "ssh " + app.host() + " " + engine + " logs " + container;
  }

  HostState look(Deadline deadline) throws InterruptedException {
    HostState state = HostState.of(ask("look", List.of("look"), List.of(), deadline));
    engine = state.engine();
    return state;
  }

  void tryOut(HostState.HostRelease release, Optional<Secret> login, Deadline deadline)
      throws InterruptedException {
    String command = HostScript.command("try_release", login.map(Secret::reveal).orElse(""));
    var _ =
        ask(
            "start " + release.image(),
            List.of(HostScript.release(release), command),
            login.stream().toList(),
            deadline);
  }

  record Seen(HostState.Container state, Optional<HostState.Serving> serving) {
    static Seen of(HostAnswers answers) {
      return new Seen(
          HostState.Container.parse(answers.one("container").orElse("")),
          HostState.serving(answers));
    }
  }

  Seen watch(String id, Deadline deadline) throws InterruptedException {
    return Seen.of(
        ask("wait for " + id, List.of(HostScript.command("watch", id)), List.of(), deadline));
  }

  /** The release beside takes the place of what serves; again, where it has it, it only tells. */
  Seen takeOver(HostState.HostRelease release, Deadline deadline) throws InterruptedException {
    return Seen.of(
        ask(
            "switch to " + release.id(),
            List.of(HostScript.release(release), "take_over"),
            List.of(),
            deadline));
  }

  boolean callOff(String id, Deadline deadline) throws InterruptedException {
    return ask("call off " + id, List.of(HostScript.command("call_off", id)), List.of(), deadline)
        .lines()
        .contains("called off");
  }

  Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    List<String> commands = new ArrayList<>(List.of("ready", "lock"));
    new TreeMap<>(values)
        .forEach(
            (name, value) ->
                commands.add(
                    HostScript.command(
                        "put", name, name + "=" + HostScript.quoted(value.reveal()))));
    HostAnswers answers = ask("store secrets", commands, List.copyOf(values.values()), deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    for (String change : answers.all("change")) {
      String[] words = change.split(" ", 2);
      changes.put(words[0], SecretChange.valueOf(words[1]));
    }
    return changes;
  }

  HostAnswers facts(Deadline deadline) throws InterruptedException {
    return ask("examine", List.of("facts"), List.of(), deadline);
  }

  private HostAnswers ask(
      String call, List<String> commands, List<Secret> hidden, Deadline deadline)
      throws InterruptedException {
    Ssh.Result result;
    try {
      result =
          ssh.run(script.text(commands), hidden, deadline).orElseThrow(() -> errors.late(call));
    } catch (IOException e) {
      throw errors.noSsh(call, String.valueOf(e.getMessage()));
    }
    if (result.code() == Ssh.OWN_FAILURE) {
      throw errors.onTheWay(call, result.err());
    }
    HostAnswers answers =
        HostAnswers.of(result.out())
            .orElseThrow(() -> errors.noScript(call, result.code(), result.err() + result.out()));
    Optional<String> refused = answers.one("refused");
    if (refused.isPresent() || result.code() != 0) {
      String said = result.err() + String.join("\n", answers.all("said"));
      throw errors.refused(
          call, refused.orElse("the script ended with " + result.code()), said, engine);
    }
    return answers;
  }

  /** The person's own ssh, with its configuration, keys and known hosts. It asks nothing. */
  record Ssh(HostedApp app, Map<String, String> environment) {
    private static final int MOST_BYTES = 1 << 20;

    static final int OWN_FAILURE = 255;

    private static final List<String> OPTIONS =
        List.of(
            "-T",
            "-oBatchMode=yes",
            "-oConnectTimeout=10",
            "-oServerAliveInterval=5",
            "-oServerAliveCountMax=3",
            // A banner is nothing to be told, and forwardings are for the person's own sessions.
            "-oLogLevel=ERROR",
            "-oClearAllForwardings=yes",
            "-oRemoteCommand=none");

    record Result(int code, String out, String err) {}

    /**
     * Runs a script in the host's {@code sh}. Where the deadline passes or the thread is
     * interrupted, the connection is broken off; what the script has begun on the host goes on.
     *
     * @return empty where the deadline has passed
     * @throws IOException where there is no ssh
     */
    Optional<Result> run(String script, List<Secret> hidden, Deadline deadline)
        throws IOException, InterruptedException {
      ProcessBuilder builder = new ProcessBuilder(command());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      try {
        Executor threads = task -> Thread.ofVirtual().start(task);
        CompletableFuture<String> out =
            CompletableFuture.supplyAsync(() -> read(process.getInputStream()), threads);
        CompletableFuture<String> err =
            CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), threads);
        threads.execute(() -> write(process.getOutputStream(), script));
        if (!process.waitFor(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS)) {
          return Optional.empty();
        }
        return Optional.of(
            new Result(
                process.exitValue(),
                Secret.redact(out.join(), hidden.stream()),
                Secret.redact(err.join(), hidden.stream())));
      } finally {
        process.destroyForcibly();
      }
    }

    private List<String> command() throws IOException {
      List<String> command = new ArrayList<>(List.of(program().toString()));
      command.addAll(OPTIONS);
      command.addAll(List.of("--", app.host(), "sh"));
      return command;
    }

    private Path program() throws IOException {
      return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
          .filter(folder -> !folder.isEmpty())
          .map(folder -> Path.of(folder, "ssh"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new IOException("there is no program ssh on the PATH"));
    }

    private static void write(OutputStream stream, String script) {
      try (stream) {
        stream.write(script.getBytes(StandardCharsets.UTF_8));
      } catch (IOException _) {
        // It has ended, and its exit code says why.
      }
    }

    private static String read(InputStream stream) {
      try (stream) {
        String text = new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        stream.transferTo(OutputStream.nullOutputStream()); // What is not read would block ssh.
        return text;
      } catch (IOException _) {
        return ""; // It was broken off.
      }
    }

    @Override
    public String toString() {
      return "Ssh[" + app.host() + "]";
    }
  }
}
