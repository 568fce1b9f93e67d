package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.platform.Platform.Remark;
import com.mcpist.deploy.platform.ssh.SshPlatform.HostedApp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a host is like. Pure.
 *
 * @param lingers whether the user's containers stay when nobody is logged in; empty where that is
 *     no question
 * @param restarts whether podman starts containers with the machine, in systemd's words; empty
 *     where something else does
 */
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

  static HostFacts of(HostScript.Answers answers) {
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
