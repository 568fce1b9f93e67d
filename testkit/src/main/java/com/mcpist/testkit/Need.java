package com.mcpist.testkit;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What some tests need of the machine besides a JDK and Node.js. A test says so by {@link Needs}. A
 * skipped test says what it needs, and {@code .ci/run} installs what can be installed.
 */
public enum Need {
  /** Vendors' and MCP's own. They are not copied into this repository. */
  SCHEMAS(
      "the published schemas",
      "-Dmcpist.specs=FOLDER (CONTRIBUTING.md, Published schemas)",
      "test -n \"$MCPIST_SPECS\""),
  /** A pooler of connections to PostgreSQL. */
  PGBOUNCER("pgbouncer", "apt-get install pgbouncer", "command -v pgbouncer"),
  /** What checks metrics and rules for Prometheus. */
  PROMTOOL("promtool", "apt-get install prometheus", "command -v promtool"),
  /** What shows the status page. */
  BROWSER("Chromium", "apt-get install chromium", "command -v chromium"),
  /** What checks units of systemd. */
  SYSTEMD("systemd-analyze", "apt-get install systemd", "command -v systemd-analyze"),
  /** A terminal for a program. Other systems' script takes other options. */
  SCRIPT("script of util-linux", "apt-get install bsdutils", "script --version | grep util-linux"),
  /** A wall clock of its own for a program, which a test puts forward and back. */
  FAKETIME(
      "faketime",
      "apt-get install faketime",
      "command -v faketime && ls /usr/lib/*/faketime/libfaketimeMT.so.1"),
  /** A small file system, for a test that fills it. */
  MOUNT(
      "the right to mount",
      "run the build as root, or with a sudo that asks nothing",
      "test \"$(id -u)\" = 0 || as_root='sudo -n'; at=$(mktemp -d); trap 'rmdir \"$at\"' EXIT;"
          + " $as_root mount -t tmpfs tmpfs \"$at\" && $as_root umount \"$at\""),
  /** A network of its own for a program, and a firewall that cuts it off. */
  NAMESPACES(
      "root, ip and nft",
      "apt-get install iproute2 nftables",
      "command -v nft && ip netns add mcpist-$$ && ip netns delete mcpist-$$"),
  /** What contains a mounted program, and one that tries to break out. */
  CONTAINMENT(
      "user namespaces and perl",
      "sysctl kernel.apparmor_restrict_unprivileged_userns=0; apt-get install perl-base util-linux",
      "command -v perl && unshare --user --map-current-user --keep-caps --mount --pid --fork"
          + " mount -t proc proc /proc"),
  /** The right to run a program as another user. */
  ANOTHER_USER(
      "root, and setpriv of util-linux",
      "run the build as root",
      "setpriv --reuid=daemon --regid=daemon --clear-groups true"),
  /** What builds the image and runs it. */
  CONTAINERS(
      "root, buildah, podman, runc, mmdebstrap and Debian's archive",
      "apt-get install buildah netavark podman runc nftables mmdebstrap",
      "test \"$(id -u)\" = 0 && command -v buildah && command -v podman && command -v runc"
          + " && command -v mmdebstrap && apt-get indextargets | grep '^Origin: Debian$'"),
  /** A host that ssh reaches and that runs containers, which is this machine. */
  HOST(
      "root, sshd, ssh, podman, runc and perl",
      "apt-get install openssh-server openssh-client netavark podman runc",
      "test \"$(id -u)\" = 0 && command -v sshd && command -v ssh && command -v ssh-keygen"
          + " && command -v podman && command -v runc && command -v perl && command -v bash"),
  /** What installs and runs a client that is written in Python. */
  PYTHON(
      "Python 3.10 or newer with pip",
      "apt-get install python3-pip",
      "python3 -m pip --version && python3 -c 'import sys; assert sys.version_info >= (3, 10)'"),
  /** What builds and runs a client that is written in Go. */
  GO("Go", "apt-get install golang-go", "command -v go"),
  /** What builds a client that is written in Rust. Debian's cargo is too old for its library. */
  RUST(
      "Rust 1.88 or newer",
      "apt-get install cargo-web",
      "cargo --version | awk '{ split($2, v, \".\") } END { exit !(v[2] >= 88) }'"),
  /** What compiles and runs a client that is written in C#, where there is no .NET. */
  MONO(
      "Mono's C# compiler with System.Net.Http",
      "apt-get install mono-mcs libmono-system-net-http4.0-cil libmono-system-xml-linq4.0-cil"
          + " libmono-system-runtime-serialization4.0-cil",
      "command -v mcs && command -v mono && ls"
          + " /usr/lib/mono/gac/System.Net.Http /usr/lib/mono/gac/System.Xml.Linq"
          + " /usr/lib/mono/gac/System.Runtime.Serialization"),
  /** What refuses the requests that Stripe would refuse. */
  STRIPE_MOCK(
      "stripe-mock",
      "go install github.com/stripe/stripe-mock@v0.203.0",
      "PATH=$PATH:${GOBIN:-$HOME/go/bin}; command -v stripe-mock"),
  /** What runs GitHub's workflows, and what their scripts call. Debian's yq is another program. */
  WORKFLOWS(
      "act, actionlint and yq of Go, skopeo, jq and docker-registry of Debian",
      "apt-get install git jq skopeo docker-registry golang-go",
      "PATH=$PATH:${GOBIN:-$HOME/go/bin}; command -v act && command -v actionlint && command -v"
          + " skopeo && command -v jq && command -v docker-registry && command -v git &&"
          + " \"${GOBIN:-$HOME/go/bin}/yq\" --version | grep mikefarah");

  /** Not for everybody to have: a build passes without what needs them. */
  private static final Set<Need> OPTIONAL = EnumSet.of(SCHEMAS, PYTHON, GO, RUST, MONO);

  /** As they were found; each is looked for once. */
  private static final Map<Need, Boolean> THERE = new ConcurrentHashMap<>();

  private final String what;
  private final String remedy;
  private final String command;

  /**
   * @param what it is, for a person
   * @param remedy how to get it
   * @param command of the shell that succeeds where the machine has it
   */
  Need(String what, String remedy, String command) {
    this.what = what;
    this.remedy = remedy;
    this.command = command;
  }

  /** What it is, for a person. */
  public String what() {
    return what;
  }

  /** How to get it. */
  public String remedy() {
    return remedy;
  }

  /**
   * Why a test that needs it is skipped, in one line; empty where the machine has it. {@code
   * build/TestReport.java} fails for a line that begins with "needs", and not for one that begins
   * with "without".
   */
  public Optional<String> missing() {
    return THERE.computeIfAbsent(this, Need::isThere)
        ? Optional.empty()
        : Optional.of((OPTIONAL.contains(this) ? "without " : "needs ") + what + ": " + remedy);
  }

  private boolean isThere() {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", command);
    builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
    builder.environment().put("MCPIST_SPECS", System.getProperty("mcpist.specs", ""));
    builder.redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
    try {
      return builder.start().waitFor() == 0;
    } catch (IOException noShell) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
