package com.mcpist.deploy.platform.ssh;

import module java.base;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;

record HostErrors(HostedApp app) {
  private record Known(List<String> words, Kind kind, String problem, String advice) {}

  private static final List<Known> ON_THE_WAY =
      List.of(
          new Known(
              List.of("identification has changed"),
              Kind.UNAUTHORIZED,
              "the host shows another key than the one that is known",
              "Find out why before anything else: it may be another machine. If it was set up anew:"
                  + " ssh-keygen -R, and then ssh to it once"),
          new Known(
              List.of("host key verification failed"),
              Kind.UNAUTHORIZED,
              "the host's key is not known here",
              "Compare it and accept it once: run ssh %s by hand. In a workflow, set the"
                  + " secrets SSH_PRIVATE_KEY and SSH_KNOWN_HOSTS: docs/operations/ssh.md"),
          new Known(
              List.of("permission denied", "too many authentication failures"),
              Kind.UNAUTHORIZED,
              "the host lets this key in for nobody",
              "See that ssh %s works without asking anything: the key in the agent, its public half"
                  + " in the host's ~/.ssh/authorized_keys"),
          new Known(
              List.of("could not resolve hostname"),
              Kind.UNAVAILABLE,
              "there is no host of that name",
              "Check host in mcpist.yml, and ~/.ssh/config"),
          new Known(
              List.of("connection refused"),
              Kind.UNAVAILABLE,
              "nothing answers on the host's ssh port",
              "See that sshd runs there, and on which port: ~/.ssh/config, or"
                  + " ssh://user@host:port in mcpist.yml"),
          new Known(
              List.of("timed out", "no route to host", "network is unreachable", "not responding"),
              Kind.UNAVAILABLE,
              "the host does not answer",
              "See that it is on, and that this machine reaches it: ssh %s"));

  private static final List<Known> ON_THE_HOST =
      List.of(
          new Known(
              List.of("no space left on device"),
              Kind.REJECTED,
              "the host's disk is full",
              "Make room there, and run it again: `%s image prune --all` deletes what no container"
                  + " uses"),
          new Known(
              List.of("permission denied while trying to connect", "got permission denied"),
              Kind.UNAUTHORIZED,
              "the user there may not use docker",
              "Put it into the group: sudo usermod --append --groups docker USER, which makes it as"
                  + " mighty as root; or use podman"),
          new Known(
              List.of("cannot connect to the docker daemon"),
              Kind.UNAVAILABLE,
              "docker does not run on the host",
              "Start it there: sudo systemctl enable --now docker"),
          new Known(
              List.of("controller `memory`", "memory limit"),
              Kind.REJECTED,
              "the host cannot limit a container's memory",
              "See that the kernel has the memory controller on, and that the user is given it:"
                  + " docs/operations/ssh.md"));

  private static final List<Known> OF_A_REGISTRY =
      List.of(
          new Known(
              List.of("unauthorized", "denied", "authentication required", "forbidden"),
              Kind.UNAUTHORIZED,
              "the registry does not let it be read",
              "If it is private, set REGISTRY_USER and REGISTRY_TOKEN where mcpist runs, or log in"
                  + " on the host for good: %s login"),
          new Known(
              List.of("manifest unknown", "not found", "name unknown", "name_unknown"),
              Kind.NOT_FOUND,
              "the registry does not have it",
              "Check the image's name, and that it has been pushed"));

  PlatformException onTheWay(String call, String said) {
    return known(ON_THE_WAY, said)
        .map(one -> error(one.kind(), call, one.problem(), one.advice().formatted(app.host())))
        .orElseGet(
            () ->
                error(
                    Kind.UNAVAILABLE,
                    call,
                    said.isBlank() ? "the connection broke off" : "ssh said: " + last(said),
                    "Run it again: it looks first at what is there"));
  }

  PlatformException noScript(String call, int code, String said) {
    return error(
        Kind.REJECTED,
        call,
        "the host does not run the script (exit code "
            + code
            + ")"
            + (said.isBlank() ? "" : ": " + last(said)),
        "See that `ssh " + app.host() + " sh` gives a shell");
  }

  PlatformException late(String call) {
    return error(
        Kind.DEADLINE,
        call,
        "no answer within the time",
        "Run it again, it goes on where it was, or allow it more time");
  }

  PlatformException noSsh(String call, String problem) {
    return error(Kind.REJECTED, call, problem, "Install OpenSSH's client");
  }

  PlatformException refused(String call, String why, String said, String engine) {
    Optional<Known> known =
        known(ON_THE_HOST, said)
            .or(() -> why.equals("pull") ? known(OF_A_REGISTRY, said) : Optional.empty());
    if (known.isPresent()) {
      Known one = known.get();
      return error(one.kind(), call, one.problem(), one.advice().formatted(engine));
    }
    Known refusal =
        switch (why) {
          case "engine" ->
              known(
                  Kind.REJECTED,
                  "there is no " + app.engine().orElse("podman and no docker") + " on the host",
                  "Install it: sudo apt-get install podman");
          case "shell" ->
              known(Kind.REJECTED, "the host's sh has no printf of its own", "Use dash or bash");
          case "silent" -> known(Kind.UNAVAILABLE, engine + " fails: " + last(said), "Mend that");
          case "folder" ->
              known(
                  Kind.REJECTED,
                  "cannot write to ~/.mcpist/" + app.app() + " on the host: " + last(said),
                  "See that the user's home folder can be written");
          case "busy" ->
              known(
                  Kind.CONFLICT,
                  "somebody else has been changing it for a minute",
                  "Wait until they are done, and run it again");
          case "replaced" ->
              known(
                  Kind.CONFLICT,
                  "somebody else has put another release in its place meanwhile",
                  "Let one of you finish first, and run it again");
          case "foreign" ->
              known(
                  Kind.REJECTED,
                  "the container " + app.app() + " there is not MCPist's",
                  "Name another one in mcpist.yml: app");
          case "linger" ->
              known(
                  Kind.REJECTED,
                  "the user's containers would end with its last session",
                  "Let it linger: sudo loginctl enable-linger USER");
          case "healthcheck" ->
              known(
                  Kind.REJECTED,
                  "the image has no program healthcheck",
                  "Build it by MCPist's Dockerfile: docs/operations/image.md");
          case "pull" ->
              known(
                  Kind.UNAVAILABLE,
                  "cannot pull the image: " + last(said),
                  "Run it again in a while");
          case "start" ->
              known(
                  Kind.FAILED,
                  "cannot start the container: " + last(said),
                  "What ran before serves on. Mend that, and run it again");
          default -> known(Kind.REJECTED, why, "Look on the host");
        };
    return error(refusal.kind(), call, refusal.problem(), refusal.advice());
  }

  private static Known known(Kind kind, String problem, String advice) {
    return new Known(List.of(), kind, problem, advice);
  }

  private PlatformException error(Kind kind, String call, String problem, String advice) {
    return new PlatformException(kind, SshPlatform.NAME, call, app.host() + ": " + problem, advice);
  }

  private static Optional<Known> known(List<Known> errors, String said) {
    String lower = said.toLowerCase(Locale.ROOT);
    return errors.stream()
        .filter(one -> one.words().stream().anyMatch(lower::contains))
        .findFirst();
  }

  /** The last line is the reason; those before are warnings, as a rule. */
  private static String last(String said) {
    return said.strip().lines().reduce((_, line) -> line).orElse("it said nothing").strip();
  }
}
