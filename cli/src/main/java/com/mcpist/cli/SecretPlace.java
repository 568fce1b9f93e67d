package com.mcpist.cli;

import com.mcpist.deploy.ProductionSecrets;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.SourceWriter;
import java.time.Duration;
import java.util.Set;

/**
 * Where a command looks after secrets.
 *
 * @param source has their values
 * @param only the names of those that no program has
 * @param writer writes the source
 */
record SecretPlace(Place place, SecretSite site, Source source, Set<String> only, Opening writer) {
  /** Opens it: what it needs is not needed where it is not changed. */
  @FunctionalInterface
  interface Opening {
    SourceWriter open() throws Exception;
  }

  SecretPlace {
    only = Set.copyOf(only);
  }

  /**
   * Opens it.
   *
   * @param settling how long a Worker's last calls may take that were begun with an earlier secret
   */
  static SecretPlace open(SiteOptions where, Duration settling) throws Exception {
    if (where.isLocal()) {
      return LocalSecrets.open(where);
    }
    ProductionSecrets production = new ProductionSecrets(where.production(), settling);
    return new SecretPlace(
        Place.open(where, Place.NOBODY).place(),
        production.site(where.edge()),
        production.source(),
        production.ofWorkflows(),
        production::writer);
  }
}
