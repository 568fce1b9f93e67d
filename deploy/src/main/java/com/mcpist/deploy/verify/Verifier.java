package com.mcpist.deploy.verify;

import module java.base;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.Mounting;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.verify.OriginClient.Health;
import com.mcpist.deploy.verify.OriginClient.Tools;
import com.mcpist.deploy.verify.Verifier.Finding.Check;

/** Asks everything that must hold, again and again until it does; mounts where there are any. */
public record Verifier(
    List<Subject> origins, Optional<Entrance> edge, Secret gateway, Optional<Mounting> mounting) {
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** What takes minutes is not asked for twice a second. */
  private static final Duration LONG_PAUSE = Duration.ofSeconds(5);

  private static final Duration ROUND = Duration.ofSeconds(30);

  /** A path that no origin has: it must not even tell strangers that. */
  private static final String CLOSED_PATH = "/api/test";

  /** The subject of a check of all origins together. */
  public static final String ALL = "all";

  private static final String SAME = "the same everywhere";
  private static final String STATUS_ONLY = "{\"status\":\"ok\"}";
  private static final String LET_IN =
      "It lets strangers in: look at ENVIRONMENT and GATEWAY_SECRET there, or take the release"
          + " back";

  public record Subject(String name, OriginClient client) {}

  /** Without a digest all must run the same. */
  public List<Finding> until(
      Optional<String> digest, Consumer<List<Finding>> round, Deadline deadline)
      throws InterruptedException {
    while (true) {
      // A whole round, also the last one: what there was no time to ask would count as wrong.
      List<Finding> findings = once(digest, deadline.another(ROUND));
      List<Finding> failed = failed(findings);
      round.accept(failed);
      if (failed.isEmpty() || deadline.passed()) {
        return findings;
      }
      deadline.sleep(PAUSE);
    }
  }

  /**
   * Goes on asking while nothing fails but what is excused. What else fails ends it after a lapse.
   *
   * @param excused says of a check that failed whether it may go on failing until the patience ends
   * @param lapse how long other checks may fail
   */
  public List<Finding> untilExcused(
      Optional<String> digest,
      Consumer<List<Finding>> round,
      Predicate<Finding> excused,
      Deadline patience,
      Duration lapse)
      throws InterruptedException {
    Deadline others = patience.another(lapse);
    while (true) {
      List<Finding> findings = once(digest, patience.another(ROUND));
      List<Finding> failed = failed(findings);
      round.accept(failed);
      boolean hold = failed.stream().allMatch(excused);
      others = hold ? patience.another(lapse) : others;
      Deadline end = hold ? patience : others;
      if (failed.isEmpty() || end.passed()) {
        return findings;
      }
      end.sleep(LONG_PAUSE);
    }
  }

  private static List<Finding> failed(List<Finding> findings) {
    return findings.stream().filter(finding -> !finding.passed()).toList();
  }

  private record Seen(Health health, List<Finding> findings) {}

  private List<Finding> once(Optional<String> digest, Deadline deadline)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> asked =
          origins.stream().map(origin -> threads.submit(() -> origin(origin, deadline))).toList();
      Future<List<Finding>> atEdge =
          threads.submit(() -> edge.isEmpty() ? List.<Finding>of() : edge.get().look(deadline));
      List<Finding> findings = new ArrayList<>();
      List<Health> healths = new ArrayList<>();
      for (Future<Seen> origin : asked) {
        findings.addAll(origin.get().findings());
        healths.add(origin.get().health());
      }
      if (!origins.isEmpty()) {
        findings.add(oneRelease(digest, healths));
      }
      if (mounting.isPresent() && origins.size() > 1) {
        boolean allAnswered = healths.stream().allMatch(Health::answered);
        findings.add(sameMounts(mounting.get(), allAnswered, deadline));
      }
      findings.addAll(atEdge.get());
      return findings;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Seen origin(Subject origin, Deadline deadline) throws InterruptedException {
    OriginClient client = origin.client();
    List<Finding> findings = new ArrayList<>();
    Health health = client.health(Optional.of(gateway), deadline);
    findings.add(health(origin.name(), health).silentIf(!health.answered()));
    Health open = client.health(Optional.empty(), deadline);
    Finding discretion =
        new Finding(
            Check.DISCRETION,
            origin.name(),
            open.status() == 200 && open.body().equals(STATUS_ONLY),
            "200 " + STATUS_ONLY,
            open.status() == 200 ? "200 " + shortened(open.body()) : open.told(),
            open.ok() ? "It tells strangers more than its status" : mend(origin.name()));
    findings.add(discretion.silentIf(!open.answered()));
    int none = client.status(CLOSED_PATH, Optional.empty(), deadline);
    findings.add(closed(Check.NO_SECRET, origin, none));
    int wrong = client.status(CLOSED_PATH, Optional.of(Secret.random()), deadline);
    findings.add(closed(Check.WRONG_SECRET, origin, wrong));
    Tools tools = client.tools(Optional.of(gateway), deadline);
    findings.add(tools(Check.TOOLS, origin.name(), tools, mend(origin.name())));
    return new Seen(health, reached(findings));
  }

  /**
   * Returns the findings about one subject, as unanswered if no question got an answer. A subject
   * that answers some questions and not others is reached, and does something wrong, unless the
   * network came or went between the questions.
   */
  static List<Finding> reached(List<Finding> findings) {
    return findings.stream().allMatch(Finding::silent)
        ? findings.stream().map(Finding::unanswered).toList()
        : findings;
  }

  private static Finding health(String origin, Health health) {
    boolean told = !health.digest().isEmpty() || !health.release().isEmpty();
    return new Finding(
        Check.HEALTH,
        origin,
        health.ok() && told,
        "200, ok and the release",
        health.ok() ? "200, " + (told ? name(health) : "no release") : health.told(),
        health.ok()
            ? "It does not take this GATEWAY_SECRET for its own: store it on its platform, and"
                + " deploy again"
            : mend(origin));
  }

  private static Finding closed(Check check, Subject origin, int status) {
    Finding finding =
        new Finding(
            check,
            origin.name(),
            status == 403,
            "403",
            status == 0 ? "no answer" : Integer.toString(status),
            status / 100 == 2 || status == 404 ? LET_IN : mend(origin.name()));
    return finding.silentIf(status == 0);
  }

  static Finding tools(Check check, String subject, Tools tools, String advice) {
    Finding finding =
        new Finding(
            check,
            subject,
            !tools.names().isEmpty(),
            "one tool or more",
            tools.problem().isEmpty() ? tools.names().size() + " tools" : tools.problem(),
            advice);
    return finding.silentIf(!tools.answered());
  }

  private static Finding oneRelease(Optional<String> digest, List<Health> healths) {
    Set<String> running = digests(healths);
    Finding finding =
        new Finding(
            Check.ONE_RELEASE,
            ALL,
            isOne(running, digest),
            digest.map(ImageReference::brief).orElse(SAME),
            healths.stream().map(Verifier::name).distinct().collect(Collectors.joining(", ")),
            "Deploy again: `mcpist deploy` brings all origins to one release");
    List<Health> answered = healths.stream().filter(Health::answered).toList();
    boolean othersAgree = answered.isEmpty() || isOne(digests(answered), digest);
    return answered.size() < healths.size() && othersAgree ? finding.unanswered() : finding;
  }

  private static Set<String> digests(List<Health> healths) {
    return healths.stream()
        .map(health -> health.digest().isEmpty() ? "?" : health.digest())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isOne(Set<String> running, Optional<String> wanted) {
    boolean same = running.size() == 1 && !running.contains("?");
    return same && (wanted.isEmpty() || running.equals(Set.of(wanted.get())));
  }

  private Finding sameMounts(Mounting mounts, boolean allAnswered, Deadline deadline)
      throws InterruptedException {
    List<URI> urls = origins.stream().map(origin -> origin.client().url()).toList();
    String seen;
    boolean silent = false;
    try {
      boolean same = Set.copyOf(mounts.proofs(urls, deadline)).size() == 1;
      seen = same ? SAME : "different ones";
    } catch (AdminException e) {
      seen = String.valueOf(e.getMessage());
      silent = true;
    }
    Finding finding =
        new Finding(
            Check.SAME_MOUNTS,
            ALL,
            seen.equals(SAME),
            SAME,
            seen,
            "Deploy again: `mcpist deploy` gives all origins one mounts.json");
    return allAnswered ? finding.silentIf(silent) : finding.unanswered();
  }

  private static String mend(String origin) {
    return "Read the logs of " + origin + "; `mcpist rollback` puts the release before back";
  }

  private static String name(Health health) {
    if (!health.problem().isEmpty()) {
      return "?";
    }
    String digest = health.digest().isEmpty() ? "" : ImageReference.brief(health.digest());
    return (health.release() + " " + digest).strip();
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }

  /**
   * What a check found.
   *
   * @param answered whether the subject has answered any question. If not, the check says something
   *     of the network between this machine and the subject, and nothing of a release
   * @param silent whether this very question got no answer. It may get one once the network is back
   * @param advice what to do if the check failed; empty if it passed
   */
  public record Finding(
      Check check,
      String subject,
      boolean passed,
      boolean answered,
      @JsonIgnore boolean silent,
      String expected,
      String seen,
      String advice) {
    /** A finding from an answer. */
    public Finding(
        Check check, String subject, boolean passed, String expected, String seen, String advice) {
      this(check, subject, passed, true, false, expected, seen, advice);
    }

    public enum Check {
      /** An origin tells those who have the secret that it is well, and which release it is. */
      HEALTH("health with the secret"),
      /** It tells others its status and nothing else. */
      DISCRETION("health without the secret"),
      NO_SECRET("closed without the secret"),
      WRONG_SECRET("closed with a wrong secret"),
      TOOLS("tools/list"),
      /** All origins run the release that was deployed, or all the same one. */
      ONE_RELEASE("one release"),
      SAME_MOUNTS("one mounts.json"),
      /** The origins keep that the run of several commands has ended, and how. */
      RUN_ENDED("the run's record"),
      EDGE("health through the edge"),
      EDGE_TOOLS("tools/list through the edge"),
      /** Where the edge asks who calls: whoever shows nothing is told what to show. */
      EDGE_CLOSED("closed without a key or a token"),
      /** A key that nobody has made gets as far as the origins, and no further. */
      EDGE_KEYS("closed with an unknown key"),
      EDGE_METADATA("where tokens come from");

      private final String title;

      Check(String title) {
        this.title = title;
      }

      @JsonValue
      public String title() {
        return title;
      }
    }

    public Finding {
      advice = passed ? "" : advice;
    }

    /** Returns the same finding as one about a subject that has answered nothing. */
    public Finding unanswered() {
      return new Finding(check, subject, passed, false, true, expected, seen, advice);
    }

    /** Returns the same finding, as one whose question got no answer if that is so. */
    Finding silentIf(boolean none) {
      return new Finding(check, subject, passed, answered, none, expected, seen, advice);
    }

    /** Returns the same finding with what somebody else says who has seen the same. */
    public Finding confirmed(String bySomebody) {
      String both = seen + "; " + bySomebody;
      return new Finding(check, subject, passed, true, false, expected, both, advice);
    }

    public boolean atEntrance() {
      return subject.equals(Entrance.NAME);
    }

    /** Returns true if this is about one origin. */
    public boolean ofOrigin() {
      return !atEntrance() && !subject.equals(ALL);
    }

    public String told() {
      return subject + ": " + check.title() + ": expected " + expected + ", seen " + seen;
    }
  }
}
