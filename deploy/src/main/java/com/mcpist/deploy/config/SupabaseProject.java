package com.mcpist.deploy.config;

import com.mcpist.deploy.config.Auth.Tokens;
import java.util.Map;
import java.util.Optional;

/** What follows from the address of a project at Supabase. */
public final class SupabaseProject {
  /** What mcpist.yml calls it: an issuer, and where its keys are. */
  static final String WORD = "supabase";

  /** The variable that has the address. */
  public static final String URL = "SUPABASE_URL";

  /**
   * What the tokens have as their audience where the project's hook for access tokens does not say
   * another. It says that somebody has signed in, and not to what.
   */
  public static final String AUTHENTICATED = "authenticated";

  private SupabaseProject() {}

  /**
   * The project as an issuer of its users' tokens.
   *
   * @param tokens what is asked of them
   * @param environment where {@link #URL} is
   * @throws ConfigException where the environment does not have the address, or a wrong one
   */
  public static Tokens.Issuer issuer(Tokens.Supabase tokens, Map<String, String> environment)
      throws ConfigException {
    String url = environment.getOrDefault(URL, "").strip().replaceAll("/+$", "");
    if (url.isEmpty()) {
      throw new ConfigException(
          DeploymentFile.NAME,
          "auth names supabase, and "
              + URL
              + " is not set: set it to the project's address, such as https://abcd.supabase.co");
    }
    if (!DeploymentSchema.isUrl(url)) {
      throw new ConfigException(
          DeploymentFile.NAME,
          "auth names supabase, and "
              + URL
              + " must be the project's address, such as https://abcd.supabase.co, with https://"
              + " and without a path");
    }
    String auth = url + "/auth/v1";
    return new Tokens.Issuer(
        auth,
        auth + "/.well-known/jwks.json",
        Optional.of(tokens.audience().orElse(AUTHENTICATED)),
        tokens.scopes());
  }
}
