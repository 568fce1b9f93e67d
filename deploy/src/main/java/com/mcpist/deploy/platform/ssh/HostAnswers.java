package com.mcpist.deploy.platform.ssh;

import module java.base;

/** What {@code host.sh} has said. */
record HostAnswers(List<String> lines) {
  /** The first line of them: before it a login shell may have said something. */
  static final String BEGINNING = "mcpist answers";

  static Optional<HostAnswers> of(String output) {
    List<String> all = output.lines().toList();
    int begin = all.indexOf(BEGINNING);
    return begin < 0
        ? Optional.empty()
        : Optional.of(new HostAnswers(all.subList(begin + 1, all.size())));
  }

  List<String> all(String word) {
    return lines.stream()
        .filter(line -> line.startsWith(word + " "))
        .map(line -> line.substring(word.length() + 1))
        .toList();
  }

  Optional<String> one(String word) {
    return all(word).stream().findFirst();
  }
}
