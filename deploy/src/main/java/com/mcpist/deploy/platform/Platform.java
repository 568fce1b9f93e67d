package com.mcpist.deploy.platform;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.time.Deadline;

/**
 * One origin on the platform that runs it. An object is for one origin and may be used by several
 * threads.
 *
 * <p>Every call blocks its thread until it is done, and is meant for a virtual thread. It ends by
 * its deadline ({@link PlatformException.Kind#DEADLINE}) or when its thread is interrupted ({@link
 * InterruptedException}); what it held on the platform by then it has given back.
 *
 * <p>A call that only reads is tried again when the platform does not answer; one that changes
 * something never is, where it may have acted: then the platform's state is read, and either shows
 * that it has (and the call goes on) or the call fails. Every call can simply be made again: it
 * finishes what is unfinished and changes nothing where all is done.
 */
public interface Platform extends SecretStore {
  String origin();

  String name();

  Release current(Deadline deadline) throws InterruptedException;

  List<Release> history(int most, Deadline deadline) throws InterruptedException;

  /** As a person reads them: {@code PATCH /v1/services/8b2a…: image ghcr.io/…}. Changes nothing. */
  List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException;

  /**
   * Makes the platform start a release, and returns as soon as it has taken that up: waiting is
   * {@link Rollout#awaitHealthy}. Where the wanted release runs, or is on its way already, nothing
   * is sent and the rollout is that one.
   */
  Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException;

  /** A release of {@link #history} with its environment: what has been added since is gone. */
  Rollout restore(Release earlier, Deadline deadline) throws InterruptedException;

  /** Starts what runs once more: that is when {@link SecretStore#putSecrets} takes effect. */
  Rollout restart(Deadline deadline) throws InterruptedException;

  /** What the image's registry is shown where it is private; empty: nothing. */
  default Optional<String> registrySecret(Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /** The digest that the platform has pulled for the image's name; empty where it does not tell. */
  default Optional<String> pulled(Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /** Where a person reads the origin's logs: an address, or a command. */
  String logs();

  /** What may trouble the origin and is the person's to see to; none where the vendor does that. */
  default List<Remark> remarks(Deadline deadline) throws InterruptedException {
    return List.of();
  }

  record Remark(boolean bad, String subject, String seen, String advice) {}

  /**
   * The secrets are those whose values are stored already ({@link Platform#putSecrets}); others
   * that the origin has stay.
   */
  public record Wanted(ImageReference image, Map<String, String> env, Set<String> secrets) {
    /** Refuses an image without a digest; names are in alphabetical order. */
    public Wanted {
      if (image.digest().isEmpty()) {
        throw new IllegalArgumentException(image + " has no digest: resolve its tag first");
      }
      env = java.util.Collections.unmodifiableMap(new TreeMap<>(env));
      secrets = java.util.Collections.unmodifiableSet(new TreeSet<>(secrets));
    }
  }

  /** Without an image when the platform does not say, or when its machines run different ones. */
  public record Release(
      String id,
      Optional<ImageReference> image,
      State state,
      String told,
      String detail,
      Map<String, String> env) {

    public enum State {
      /** On its way: it can become healthy. */
      PROGRESSING,
      /** It runs, and all checks that the platform makes pass. */
      HEALTHY,
      /** It runs, and a check fails: it may recover. */
      UNHEALTHY,
      FAILED,
      STOPPED
    }

    /** Without the variables: some people put secrets there. */
    @Override
    public String toString() {
      String runs = id + " " + told + image.map(name -> " " + name).orElse("");
      return detail.isEmpty() ? runs : runs + " (" + detail + ")";
    }
  }
}
