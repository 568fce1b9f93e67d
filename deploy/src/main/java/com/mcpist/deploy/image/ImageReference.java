package com.mcpist.deploy.image;

import module java.base;

/**
 * The name of a container image, as {@code ghcr.io/owner/name:tag} or, always the same bytes,
 * {@code ghcr.io/owner/name@sha256:…}.
 */
public record ImageReference(
    String registry, String repository, Optional<String> tag, Optional<String> digest) {
  private static final Pattern REGISTRY =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  private static final String DOCKER_HUB = "docker.io";

  /**
   * Reads a name as Docker does: a first part that has no dot and no colon and is not localhost is
   * not a registry, but the beginning of a repository on Docker Hub.
   *
   * @throws IllegalArgumentException if the text is no image name; the message says why, in one
   *     line
   */
  public static ImageReference parse(String text) {
    String[] named = text.split("@", 2);
    Optional<String> digest = named.length == 2 ? Optional.of(named[1]) : Optional.empty();
    int slash = named[0].indexOf('/');
    String first = slash < 0 ? "" : named[0].substring(0, slash);
    boolean hasRegistry = first.contains(".") || first.contains(":") || first.equals("localhost");
    String registry = hasRegistry ? first.toLowerCase(Locale.ROOT) : DOCKER_HUB;
    String path = hasRegistry ? named[0].substring(slash + 1) : named[0];
    int colon = path.lastIndexOf(':');
    Optional<String> tag = colon < 0 ? Optional.empty() : Optional.of(path.substring(colon + 1));
    String repository = colon < 0 ? path : path.substring(0, colon);
    if (registry.equals(DOCKER_HUB) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    check(text, REGISTRY.matcher(registry).matches(), "the registry");
    check(text, REPOSITORY.matcher(repository).matches(), "the repository (lower-case letters)");
    check(text, tag.isEmpty() || TAG.matcher(tag.get()).matches(), "the tag");
    check(
        text,
        digest.isEmpty() || isDigest(digest.get()),
        "the digest (sha256: and 64 hexadecimal digits)");
    return new ImageReference(registry, repository, tag, digest);
  }

  public static Optional<ImageReference> find(String text) {
    try {
      return Optional.of(parse(text));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  public static boolean isDigest(String text) {
    return DIGEST.matcher(text).matches();
  }

  /** Returns a digest as people tell digests apart: the first twelve of its hexadecimal digits. */
  public static String brief(String digest) {
    String hex = digest.startsWith("sha256:") ? digest.substring("sha256:".length()) : digest;
    return hex.length() <= 12 ? hex : hex.substring(0, 12);
  }

  /** Returns the image with that digest in the same repository, without a tag. */
  public ImageReference withDigest(String newDigest) {
    check(newDigest, isDigest(newDigest), "the digest (sha256: and 64 hexadecimal digits)");
    return new ImageReference(registry, repository, Optional.empty(), Optional.of(newDigest));
  }

  /** Returns the same digest in another repository, to which the image has been copied. */
  public ImageReference in(ImageReference other) {
    return new ImageReference(other.registry, other.repository, Optional.empty(), digest);
  }

  /**
   * Returns true if both are the same bytes, which means the same digest, whatever the repository.
   */
  public boolean sameImage(ImageReference other) {
    return digest.isPresent() && digest.equals(other.digest);
  }

  private static void check(String text, boolean right, String part) {
    if (!right) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no image such as ghcr.io/owner/name:tag: " + part + " is wrong");
    }
  }

  @Override
  public String toString() {
    String name = registry + "/" + repository + tag.map(":"::concat).orElse("");
    return name + digest.map("@"::concat).orElse("");
  }
}
