package com.mcpist.deploy.edgeclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.ConfigException;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.DeploymentFile;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class GuardTest {
  private static final String DEFAULTS =
      "'limits':{'addressPerMinute':1000,'addressConnections':256,'userPerSecond':5,'userBurst':50,'trustedProxies':[]}";
  private static final String RESOURCE = "http://localhost:8080/mcp";

  private static Deployment deployment(String more) throws ConfigException {
    return DeploymentFile.parse("f.yml", "origins: [{name: one}]\n" + more.replace("; ", "\n"));
  }

  private static String json(Guard guard) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    guard.addTo(json, RESOURCE);
    return json.toString().replace('"', '\'');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                                                  | {'auth':KEYS,DEFAULTS}                                               | {'auth':'none',NONE}
          auth: none                                          | {'auth':'none',ADDRESSES}                                            | {'auth':'none',NONE}
          auth: none; limits: none                            | {'auth':'none',NONE}                                                 | {'auth':'none',NONE}
          auth: none; limits: {address_per_minute: 0}         | {'auth':'none',CONNECTIONS}                                          | {'auth':'none',NONE}
          auth: {}                                            | {'auth':KEYS,DEFAULTS}                                               | {'auth':KEYS,DEFAULTS}
          auth: {}; limits: none                              | {'auth':KEYS,NONE}                                                   | {'auth':KEYS,NONE}
          auth: none; limits: {user_per_second: 9}            | {'auth':'none',ADDRESSES}                                            | {'auth':'none',NONE}
          auth: {}; limits: {user_per_second: 0}              | {'auth':KEYS,ADDRESSES}                                              | SAME
          auth: {keys: false, jwt: {issuer: 'https://i', jwks: 'https://i/k'}} | {'auth':{'resource':'R','keys':false,'jwt':{'issuer':'https://i','jwks':'https://i/k','audience':'R'}},DEFAULTS} | SAME
          """)
  void bothEdgesReadWhatTheFileSays(String file, String production, String local) throws Exception {
    assertThat(json(Guard.inProduction(deployment(file), Map.of()))).isEqualTo(filled(production));
    assertThat(json(Guard.onThisMachine(deployment(file), Map.of())))
        .isEqualTo(filled(local.equals("SAME") ? production : local));
  }

  private static String filled(String text) {
    return text.replace("KEYS", "{'resource':'R','keys':true}")
        .replace("'R'", "'" + RESOURCE + "'")
        .replace(
            "CONNECTIONS",
            DEFAULTS
                .replace("'addressPerMinute':1000", "'addressPerMinute':0")
                .replace("'userPerSecond':5", "'userPerSecond':0"))
        .replace("ADDRESSES", DEFAULTS.replace("'userPerSecond':5", "'userPerSecond':0"))
        .replace("NONE", "'limits':'none'")
        .replace("DEFAULTS", DEFAULTS);
  }

  @Test
  void aProjectAtSupabaseIsKnownByItsAddress() throws Exception {
    Deployment supabase = deployment("auth: {jwt: supabase}; limits: none");

    assertThat(
            json(Guard.inProduction(supabase, Map.of("SUPABASE_URL", "https://abcd.supabase.co/"))))
        .isEqualTo(
            "{'auth':{'resource':'"
                + RESOURCE
                + "','keys':true,'jwt':{'issuer':'https://abcd.supabase.co/auth/v1',"
                + "'jwks':'https://abcd.supabase.co/auth/v1/.well-known/jwks.json',"
                + "'audience':'authenticated'}},'limits':'none'}");
  }

  @Test
  void aProjectsHookMayPutAnotherAudienceIntoItsTokens() throws Exception {
    Map<String, String> environment = Map.of("SUPABASE_URL", "https://abcd.supabase.co");

    assertThat(
            json(
                Guard.inProduction(
                    deployment(
                        "auth: {jwt: {issuer: supabase, audience: 'https://a/mcp', scopes:"
                            + " [mcp]}}"),
                    environment)))
        .contains(
            "'issuer':'https://abcd.supabase.co/auth/v1'",
            "'jwks':'https://abcd.supabase.co/auth/v1/.well-known/jwks.json'",
            "'audience':'https://a/mcp','scopes':['mcp']");
    assertThat(json(Guard.inProduction(deployment("auth: {jwt: {issuer: supabase}}"), environment)))
        .contains("'audience':'authenticated'");
  }

  @ParameterizedTest
  @CsvSource({
    "'', is not set: set it to",
    "http://abcd.supabase.co, with https://",
    "https://abcd.supabase.co/rest/v1, without a path"
  })
  void whereTheAddressIsMissingOrNoneNothingIsMade(String url, String message) throws Exception {
    Deployment supabase = deployment("auth: {jwt: supabase}");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Guard.inProduction(supabase, Map.of("SUPABASE_URL", url)))
        .withMessageStartingWith("mcpist.yml: auth names supabase, and SUPABASE_URL")
        .withMessageContaining(message);
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Guard.onThisMachine(supabase, Map.of("SUPABASE_URL", url)));
  }
}
