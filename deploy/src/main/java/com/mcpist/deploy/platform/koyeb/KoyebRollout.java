package com.mcpist.deploy.platform.koyeb;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.HealthWait;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.function.Consumer;

/** A deployment on its way. Koyeb brings it up beside the one that serves, and then swaps. */
final class KoyebRollout implements Rollout {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  private final KoyebApi api;
  private final String service;
  private final String deployment;
  private final boolean unchanged;

  KoyebRollout(KoyebApi api, String service, String deployment, boolean unchanged) {
    this.api = api;
    this.service = service;
    this.deployment = deployment;
    this.unchanged = unchanged;
  }

  @Override
  public String id() {
    return deployment;
  }

  @Override
  public boolean unchanged() {
    return unchanged;
  }

  @Override
  public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
      throws PlatformException, InterruptedException {
    HealthWait wait = new HealthWait(KoyebPlatform.NAME, observer, deadline, INTERVAL);
    return wait.until(() -> look(deadline), KoyebDeployment::step).release();
  }

  /** A deployment that stops without an error has been replaced by somebody else's. */
  private KoyebDeployment look(Deadline deadline) throws PlatformException, InterruptedException {
    KoyebDeployment seen = api.deployment(deployment, deadline);
    if (seen.state() == State.STOPPED || seen.canceled()) {
      String latest = api.service(service, deadline).latest();
      if (!latest.equals(deployment)) {
        throw new PlatformException(
            Kind.CONFLICT,
            KoyebPlatform.NAME,
            "wait for " + deployment,
            "it is " + seen.status() + ", since deployment " + latest + " has replaced it",
            "Somebody else deploys this service: let one of you finish first");
      }
    }
    return seen;
  }

  @Override
  public boolean cancel(Deadline deadline) throws PlatformException, InterruptedException {
    KoyebDeployment seen = api.deployment(deployment, deadline);
    if (!seen.cancellable()) {
      return seen.canceled();
    }
    try {
      api.cancel(deployment, deadline);
      return true;
    } catch (ApiException e) {
      // It may have gone on meanwhile, or the answer may be lost: what is there tells.
      if (api.deployment(deployment, deadline).canceled()) {
        return true;
      }
      if (e.status() == 400) {
        return false;
      }
      throw api.errors().of(e);
    }
  }

  @Override
  public void close() {
    // Koyeb has no lock to give back.
  }
}
