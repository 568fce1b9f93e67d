package com.mcpist.deploy.config;

import com.mcpist.deploy.config.Auth.Tokens;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What follows from the address of a project at Supabase. */
public final class SupabaseProject {
  /** The variable that has the address. */
  public static final String URL = "SUPABASE_URL";

  private SupabaseProject() {}

  /**
   * The project as an issuer of its users' tokens.
   *
   * @throws ConfigException where the environment does not have the address, or a wrong one
   */
  public static Tokens.Issuer issuer(Map<String, String> environment) throws ConfigException {
    String url = environment.getOrDefault(URL, "").strip().replaceAll("/+$", "");
    if (url.isEmpty()) {
      throw new ConfigException(
          DeploymentFile.NAME,
          "auth has jwt: supabase, and "
              + URL
              + " is not set: set it to the project's address, such as https://abcd.supabase.co");
    }
    try {
      String auth = Values.url(url) + "/auth/v1";
      return new Tokens.Issuer(
          auth, auth + "/.well-known/jwks.json", Optional.of("authenticated"), List.of());
    } catch (WrongValueException _) {
      throw new ConfigException(
          DeploymentFile.NAME,
          "auth has jwt: supabase, and "
              + URL
              + " must be the project's address, such as https://abcd.supabase.co, with https://"
              + " and without a path");
    }
  }
}
