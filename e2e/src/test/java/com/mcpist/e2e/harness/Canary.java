package com.mcpist.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * A secret's value that is known again wherever it gets to, whole, in part, or encoded.
 *
 * @param traces what a text has in it that has the value, or a part of 24 characters of it
 */
public record Canary(String name, String value, List<String> traces) {
  private static final int MARKER = 12;
  private static final int KNOWN_PART = 21;
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final SecureRandom RANDOM = new SecureRandom();

  /** One of 48 characters. */
  public static Canary of(String name) {
    return of(name, "%s");
  }

  /**
   * One in a value of a form that is asked for.
   *
   * @param form with {@code %s} for 48 characters
   */
  public static Canary of(String name, String form) {
    StringBuilder marker = new StringBuilder();
    for (int i = 0; i < MARKER; i++) {
      marker.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
    }
    // Again and again, so that any part of it tells.
    String value = form.formatted(marker.toString().repeat(4));
    return new Canary(name, value, traces(marker.toString()));
  }

  /** A value that somebody else has made, of 42 characters or more. */
  public static Canary known(String name, String value) {
    List<String> traces = new ArrayList<>(traces(value.substring(0, KNOWN_PART)));
    traces.addAll(traces(value.substring(value.length() - KNOWN_PART)));
    return new Canary(name, value, traces);
  }

  /** The same secret with another value made from this one, which is found by the same traces. */
  public Canary as(String form) {
    return new Canary(name, form.formatted(value), traces);
  }

  private static List<String> traces(String part) {
    byte[] bytes = part.getBytes(StandardCharsets.US_ASCII);
    String hex = HexFormat.of().formatHex(bytes);
    List<String> traces =
        new ArrayList<>(List.of(part, hex, HexFormat.of().withUpperCase().formatHex(bytes)));
    // In Base64 it looks otherwise, depending on where it begins.
    for (int start = 0; start < 3; start++) {
      int end = start + (part.length() - start) / 3 * 3;
      byte[] aligned = part.substring(start, end).getBytes(StandardCharsets.US_ASCII);
      traces.add(Base64.getEncoder().encodeToString(aligned));
      traces.add(Base64.getUrlEncoder().encodeToString(aligned));
    }
    return traces.stream().distinct().toList();
  }

  /** Whether a text has a trace of it. */
  public boolean isIn(String text) {
    return traces.stream().anyMatch(text::contains);
  }

  /** Which of them a text has traces of: their names, and where. */
  public static List<String> found(Collection<Canary> canaries, String where, String text) {
    return canaries.stream()
        .filter(canary -> canary.isIn(text))
        .map(canary -> canary.name() + " in " + where)
        .distinct()
        .toList();
  }

  /** All places at once: what was printed, what anybody saw of processes, and files. */
  public static List<String> found(
      Collection<Canary> canaries, String said, CommandLines processes, Path folder)
      throws IOException {
    List<String> found = new ArrayList<>(found(canaries, folder));
    for (String line : said.lines().toList()) {
      found(canaries, "", line).stream()
          .findFirst()
          .ifPresent(_ -> found.add("printed: " + redacted(canaries, line)));
    }
    found.addAll(found(canaries, processes));
    return found;
  }

  /** In which command lines there are traces of any. */
  public static List<String> found(Collection<Canary> canaries, CommandLines processes) {
    return processes.each().stream()
        .filter(line -> canaries.stream().anyMatch(canary -> canary.isIn(line)))
        .map(line -> "a command line: " + redacted(canaries, line.replace('\0', ' ')))
        .toList();
  }

  /** For the people who read that a test has failed. */
  private static String redacted(Collection<Canary> canaries, String line) {
    String shown = line;
    for (Canary canary : canaries) {
      for (String trace : canary.traces()) {
        shown = shown.replace(trace, "<" + canary.name() + ">");
      }
    }
    return shown;
  }

  /** The same of every file in a folder, and of its name. */
  public static List<String> found(Collection<Canary> canaries, Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.toList();
    }
    List<String> found = new ArrayList<>();
    for (Path file : files) {
      found.addAll(found(canaries, "the name of " + file, file.toString()));
      if (Files.isRegularFile(file)) {
        found.addAll(found(canaries, file.toString(), text(file)));
      }
    }
    return found;
  }

  private static String text(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException _) {
      return ""; // Of a process that is at work in it.
    }
  }

  /** Not the value: a test that fails is read by people. */
  @Override
  public String toString() {
    return name;
  }
}
