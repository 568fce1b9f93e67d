package com.mcpist.deploy.platform.ssh;

import module java.base;

import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Remark;
import com.mcpist.deploy.platform.Rollout.Step;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

record HostState(
    String engine, Optional<Serving> serving, Set<String> secrets, List<HostRelease> kept) {

  private static final Release NOTHING =
      new Release("", Optional.empty(), State.STOPPED, "not deployed", "", Map.of());

  record Serving(HostRelease release, Container state, List<String> digests) {

    /** What runs, by the engine's own word: the release's name only where it is that. */
    Optional<ImageReference> image() {
      ImageReference named = release.image();
      if (digests.contains(named.digest().orElse(""))) {
        return Optional.of(named);
      }
      return digests.stream().findFirst().map(named::withDigest);
    }

    boolean runs(HostRelease wanted) {
      return image().isEmpty() || image().equals(Optional.of(wanted.image()));
    }

    Release told() {
      return new Release(
          release.id(), image(), state.meaning(), state.status(), state.detail(), release.env());
    }
  }

  /** Serving is whether it has the origin's port; else it is one that is tried beside. */
  record Container(
      boolean serving,
      boolean healthy,
      String release,
      String status,
      String exitCode,
      String restarts) {
    private static final Set<String> ENDED = Set.of("exited", "stopped", "dead", "gone");

    /** From {@code ROLE HEALTH ID STATUS EXITCODE RESTARTS}. */
    static Container parse(String line) {
      // One that is removed meanwhile has no more than the first two.
      String[] words = Arrays.copyOf(line.strip().split(" ", 6), 6);
      return new Container(
          "serving".equals(words[0]),
          "yes".equals(words[1]),
          Objects.requireNonNullElse(words[2], ""),
          Objects.requireNonNullElse(words[3], "gone"),
          Objects.requireNonNullElse(words[4], ""),
          Objects.requireNonNullElse(words[5], "0"));
    }

    State meaning() {
      State unwell = status.equals("running") ? State.UNHEALTHY : State.STOPPED;
      return healthy ? State.HEALTHY : unwell;
    }

    /** One that is tried and has ended stays so; one that serves is started again. */
    Step step(String logs) {
      if (!serving) {
        State state = ENDED.contains(status) ? State.FAILED : State.PROGRESSING;
        return new Step(
            release,
            state,
            healthy ? "healthy beside" : status + " beside",
            state == State.FAILED ? "exit code " + exitCode + "; its logs: " + logs : "");
      }
      return new Step(release, healthy ? State.HEALTHY : State.UNHEALTHY, status, detail());
    }

    /** Why it may not be well; else empty. */
    String detail() {
      String restarted = restarts.equals("0") ? "" : "started again " + restarts + " times";
      return healthy
          ? ""
          : status.equals("running") && restarted.isEmpty() ? "not healthy" : restarted;
    }
  }

  static HostState of(HostAnswers answers) {
    return new HostState(
        answers.one("engine").orElse("podman"),
        serving(answers),
        new TreeSet<>(answers.all("secret")),
        answers.all("release").stream()
            .flatMap(text -> HostRelease.parse(text).stream())
            .sorted(Comparator.comparing(HostRelease::id).reversed())
            .toList());
  }

  static Optional<Serving> serving(HostAnswers answers) {
    return answers
        .one("serves")
        .flatMap(HostRelease::parse)
        .flatMap(
            release ->
                answers
                    .one("container")
                    .map(Container::parse)
                    .map(state -> new Serving(release, state, digests(answers.one("digests")))));
  }

  private static List<String> digests(Optional<String> json) {
    List<String> digests = new ArrayList<>();
    if (json.isPresent() && json.get().startsWith("[")) {
      JsonMapper.shared()
          .readTree(json.get())
          .forEach(name -> digests.add(name.asString("").replaceFirst("^.*@", "")));
    }
    digests.removeIf(digest -> !ImageReference.isDigest(digest));
    return digests;
  }

  Release current() {
    return serving.map(Serving::told).orElse(NOTHING);
  }

  List<Release> history() {
    List<Release> all = new ArrayList<>(serving.map(Serving::told).stream().toList());
    for (HostRelease release : kept) {
      if (all.isEmpty() || !all.getFirst().id().equals(release.id())) {
        all.add(
            new Release(
                release.id(),
                Optional.of(release.image()),
                State.STOPPED,
                "replaced",
                "",
                release.env()));
      }
    }
    return all;
  }

  /** A release, on its container's label and in a file once it has served; ids sort by time. */
  record HostRelease(String id, ImageReference image, Instant created, Map<String, String> env) {
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

    static HostRelease of(ImageReference image, Map<String, String> env, Instant now) {
      String id = TIME.format(now) + "-" + UUID.randomUUID().toString().substring(0, 8);
      return new HostRelease(id, image, now.truncatedTo(ChronoUnit.MILLIS), env);
    }

    /** As it was kept; empty where that is something else. */
    static Optional<HostRelease> parse(String text) {
      try {
        JsonNode json = JsonMapper.shared().readTree(text);
        Map<String, String> env = new TreeMap<>();
        json.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asString("")));
        return Optional.of(
            new HostRelease(
                json.path("id").asString(),
                ImageReference.parse(json.path("image").asString()),
                Instant.parse(json.path("created").asString()),
                env));
      } catch (JacksonException
          | IllegalArgumentException
          | java.time.format.DateTimeParseException _) {
        return Optional.empty();
      }
    }

    String json() {
      ObjectNode json = Call.object();
      json.put("id", id).put("image", image.toString()).put("created", created.toString());
      ObjectNode variables = json.putObject("env");
      new TreeMap<>(env).forEach(variables::put);
      return json.toString();
    }

    boolean has(ImageReference wanted, Map<String, String> variables) {
      return image.equals(wanted) && env.entrySet().containsAll(variables.entrySet());
    }
  }

  /** Empty where it is no question whether containers stay, or start with the machine. */
  record HostFacts(
      String version,
      String user,
      Optional<Boolean> lingers,
      Optional<String> restarts,
      boolean memory,
      Optional<Long> roomKib,
      List<String> taken) {
    /** Two images of 230 MB, unpacked, and what a pull needs beside. */
    private static final long LEAST_KIB = 1L << 20;

    static HostFacts of(HostAnswers answers) {
      return new HostFacts(
          answers.one("version").orElse(""),
          answers.one("user").orElse(""),
          answers.one("lingers").map("yes"::equals),
          answers.one("restarts"),
          answers.one("memory").filter("true"::equals).isPresent(),
          answers.one("room").filter(text -> text.matches("\\d{1,18}")).map(Long::valueOf),
          answers.all("taken"));
    }

    List<Remark> remarks(HostedApp app) {
      List<Remark> remarks = new ArrayList<>();
      remarks.add(good("container program", version));
      lingers.ifPresent(
          stays ->
              remarks.add(
                  stays
                      ? good("lingering", user + " lingers: its containers stay")
                      : bad(
                          "lingering",
                          "containers of " + user + " end with its last session",
                          "On the host: sudo loginctl enable-linger " + user)));
      restarts.ifPresent(word -> remarks.add(restarted(word)));
      if (!memory) {
        remarks.add(
            bad(
                "memory limit",
                "the host cannot limit a container's memory",
                "Switch the kernel's memory controller on: docs/operations/ssh.md"));
      }
      roomKib.ifPresent(room -> remarks.add(room(room)));
      for (String port : taken) {
        remarks.add(
            bad(
                "port " + port,
                "somebody else listens on it",
                "End that, or give " + app.app() + " another one in mcpist.yml: listen"));
      }
      return remarks;
    }

    private Remark restarted(String word) {
      if (word.equals("enabled")) {
        return good("start with the machine", "podman-restart.service is enabled");
      }
      String by = lingers.isPresent() ? "systemctl --user" : "sudo systemctl";
      return new Remark(
          false,
          "start with the machine",
          "podman-restart.service is " + (word.isEmpty() ? "not enabled" : word),
          "After a reboot the origin stays away. On the host: " + by + " enable podman-restart");
    }

    private static Remark room(long kib) {
      String seen = kib / 1024 + " MiB free for images";
      return kib >= LEAST_KIB
          ? good("disk", seen)
          : bad("disk", seen, "A release needs about 500: make room on the host");
    }

    private static Remark good(String subject, String seen) {
      return new Remark(false, subject, seen, "");
    }

    private static Remark bad(String subject, String seen, String advice) {
      return new Remark(true, subject, seen, advice);
    }
  }
}
