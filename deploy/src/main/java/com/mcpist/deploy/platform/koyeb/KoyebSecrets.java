package com.mcpist.deploy.platform.koyeb;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An origin's secrets on Koyeb, which keeps them for a whole organization: the app's name comes
 * first, so that two deployments have their own.
 */
record KoyebSecrets(String app, KoyebApi api) {

  /** As {@code mcpist-gateway-secret} for {@code GATEWAY_SECRET}. */
  String nameFor(String variable) {
    return app + "-" + variable.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Set<String> names(Deadline deadline) throws PlatformException, InterruptedException {
    return variables(api.secrets(deadline).keySet());
  }

  /**
   * Without those that may be of an app whose name begins with this one's and a hyphen: {@code
   * notes-staging-gateway-secret} is as well {@code STAGING_GATEWAY_SECRET} of {@code notes} as
   * {@code GATEWAY_SECRET} of {@code notes-staging}.
   */
  Set<String> ownNames(Deadline deadline) throws PlatformException, InterruptedException {
    Set<String> names = new TreeSet<>(api.secrets(deadline).keySet());
    for (String other : api.apps(deadline)) {
      if (belongs(other, app)) {
        names.removeIf(name -> belongs(name, other));
      }
    }
    return variables(names);
  }

  private static boolean belongs(String name, String app) {
    return name.startsWith(app + "-");
  }

  private Set<String> variables(Set<String> names) {
    Set<String> variables = new TreeSet<>();
    for (String name : names) {
      if (belongs(name, app)) {
        String rest = name.substring(app.length() + 1);
        variables.add(rest.toUpperCase(Locale.ROOT).replace('-', '_'));
      }
    }
    return variables;
  }

  Map<String, SecretChange> put(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    Map<String, String> ids = api.secrets(deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    for (Map.Entry<String, Secret> entry : new TreeMap<>(values).entrySet()) {
      String name = nameFor(entry.getKey());
      Optional<String> id = Optional.ofNullable(ids.get(name));
      changes.put(
          entry.getKey(),
          id.isPresent()
              ? update(id.get(), name, entry.getValue(), deadline)
              : create(name, entry.getValue(), deadline));
    }
    return changes;
  }

  private SecretChange update(String id, String name, Secret value, Deadline deadline)
      throws PlatformException, InterruptedException {
    if (api.hasValue(id, name, value, deadline)) {
      return SecretChange.UNCHANGED;
    }
    api.updateSecret(id, name, value, deadline);
    return SecretChange.UPDATED;
  }

  private SecretChange create(String name, Secret value, Deadline deadline)
      throws PlatformException, InterruptedException {
    try {
      api.createSecret(name, value, deadline);
    } catch (ApiException e) {
      if (!e.mayHaveActed() || !api.secrets(deadline).containsKey(name)) {
        throw api.calls().errors().notActed(e);
      }
    }
    return SecretChange.CREATED;
  }
}
