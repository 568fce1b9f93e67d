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
 * InterruptedException}). Before it ends it gives back what it holds on the platform.
 *
 * <p>A call that only reads is retried when the platform does not answer. A call that changes
 * something is never retried if it may have acted. Instead the platform's state is read: if the
 * state shows the change, the call goes on, and otherwise the call fails. Every call can be made
 * again by the caller: it finishes what is unfinished and changes nothing if all is done.
 */
public interface Platform extends SecretStore {
  String origin();

  String name();

  Release current(Deadline deadline) throws InterruptedException;

  List<Release> history(int most, Deadline deadline) throws InterruptedException;

  /**
   * Returns the changing calls that {@link #deploy} would make, as a person reads them: {@code
   * PATCH /v1/services/8b2a…: image ghcr.io/…}. Changes nothing.
   */
  List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException;

  /**
   * Has the platform start a release, and returns as soon as the platform has accepted it; {@link
   * Rollout#awaitHealthy} waits for it. If the wanted release runs or is starting already, nothing
   * is sent and the returned rollout is that release's.
   */
  Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException;

  /**
   * Deploys a release of {@link #history} with its environment. Variables that have been added
   * since are removed.
   */
  Rollout restore(Release earlier, Deadline deadline) throws InterruptedException;

  /**
   * Restarts the running release, which makes secrets stored by {@link SecretStore#putSecrets} take
   * effect.
   */
  Rollout restart(Deadline deadline) throws InterruptedException;

  /**
   * Returns the credentials that the platform shows to the image's registry if the image is
   * private, or empty if there are none.
   */
  default Optional<String> registrySecret(Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /**
   * Returns the digest that the platform has pulled for the image's name, or empty if the platform
   * does not tell it.
   */
  default Optional<String> pulled(Deadline deadline) throws InterruptedException {
    return Optional.empty();
  }

  /** Returns where a person reads the origin's logs: an address, or a command. */
  String logs();

  /**
   * Returns what may trouble the origin and must be mended by a person. The list is empty if the
   * vendor sees to such things.
   */
  default List<Remark> remarks(Deadline deadline) throws InterruptedException {
    return List.of();
  }

  record Remark(boolean bad, String subject, String seen, String advice) {}

  /**
   * A release that is to run. {@code secrets} are the names of secrets whose values are stored
   * already ({@link Platform#putSecrets}). Other secrets of the origin stay.
   */
  public record Wanted(ImageReference image, Map<String, String> env, Set<String> secrets) {
    /** Throws if the image has no digest. Names are put in alphabetical order. */
    public Wanted {
      if (image.digest().isEmpty()) {
        throw new IllegalArgumentException(image + " has no digest: resolve its tag first");
      }
      env = java.util.Collections.unmodifiableMap(new TreeMap<>(env));
      secrets = java.util.Collections.unmodifiableSet(new TreeSet<>(secrets));
    }
  }

  /**
   * A release of an origin. The image is empty if the platform does not tell it, or if its machines
   * run different images.
   */
  public record Release(
      String id,
      Optional<ImageReference> image,
      State state,
      String told,
      String detail,
      Map<String, String> env) {

    public enum State {
      /** The release is starting and can become healthy. */
      PROGRESSING,
      /** The release runs, and all of the platform's checks pass. */
      HEALTHY,
      /** The release runs, and a check fails. It may recover. */
      UNHEALTHY,
      FAILED,
      STOPPED
    }

    /** Returns a text without the variables, because some people put secrets there. */
    @Override
    public String toString() {
      String runs = id + " " + told + image.map(name -> " " + name).orElse("");
      return detail.isEmpty() ? runs : runs + " (" + detail + ")";
    }
  }
}
