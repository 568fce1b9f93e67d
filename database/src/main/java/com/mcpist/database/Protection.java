package com.mcpist.database;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * What a connection demands of the server before it gives it anything, by the rules of
 * docs/design/database.md#connections.
 *
 * @param kind how far the server is known
 * @param roots whose certificates are trusted, for people; empty unless the server is verified
 * @param options pgjdbc's options with which it demands that
 */
record Protection(Kind kind, String roots, Map<String, String> options) {
  enum Kind {
    /** On this machine. */
    LOCAL,
    /** Without TLS, on a private network, because the URL says so. */
    PLAIN,
    /** TLS to whoever knows the password: SCRAM is bound to the certificate that was shown. */
    BOUND,
    /** TLS to whoever answers, because the URL gives channel binding up. */
    UNVERIFIED,
    /** TLS to a server whose certificate was verified. */
    VERIFIED
  }

  private static final String SCRAM = "scram-sha-256";
  private static final String NONE = "none";

  /**
   * Options that would lead elsewhere, or show the password to other code. The user, the password
   * and the host stand in the URL before its options.
   */
  private static final Set<PGProperty> NEVER =
      Set.of(
          PGProperty.PG_HOST,
          PGProperty.PG_PORT,
          PGProperty.PG_DBNAME,
          PGProperty.USER,
          PGProperty.PASSWORD,
          PGProperty.SERVICE,
          PGProperty.SSL,
          PGProperty.SSL_FACTORY,
          PGProperty.SSL_FACTORY_ARG,
          PGProperty.SSL_HOSTNAME_VERIFIER,
          PGProperty.SSL_PASSWORD_CALLBACK,
          PGProperty.AUTHENTICATION_PLUGIN_CLASS_NAME);

  /** Classes that open the connection: they may lead anywhere. */
  private static final Set<PGProperty> ONLY_LOCAL =
      Set.of(PGProperty.SOCKET_FACTORY, PGProperty.SOCKET_FACTORY_ARG);

  private static final Set<PGProperty> OF_CLIENT_CERTIFICATES =
      Set.of(PGProperty.SSL_CERT, PGProperty.SSL_KEY, PGProperty.SSL_PASSWORD);

  /** Throws IllegalArgumentException, which says what to do, where the options ask for less. */
  static Protection of(String hosts, Map<String, String> options) {
    Hosts where = Hosts.of(hosts);
    options.keySet().forEach(name -> checkName(name, where));
    String mode = value(options, PGProperty.SSL_MODE).toLowerCase(Locale.ROOT);
    if (where == Hosts.LOCAL) {
      return new Protection(
          Kind.LOCAL, "", Map.of(PGProperty.REQUIRE_AUTH.getName(), methods(options, Kind.LOCAL)));
    }
    if (!value(options, PGProperty.GSS_ENC_MODE).matches("|disable")) {
      throw refused("gssEncMode must be disable or left out: the connection is encrypted by TLS");
    }
    Map<String, String> demanded = new LinkedHashMap<>();
    demanded.put(PGProperty.GSS_ENC_MODE.getName(), "disable");
    Protection rest =
        switch (mode) {
          case "disable" -> plain(where);
          case "allow", "prefer" ->
              throw refused(
                  "sslmode="
                      + mode
                      + " goes on without TLS wherever the network says so: leave sslmode out, or"
                      + " write sslmode=verify-full");
          case "", "require", "verify-ca", "verify-full" -> encrypted(where, mode, options);
          default ->
              throw refused(
                  "sslmode must be require, verify-ca, verify-full or, on a private network,"
                      + " disable");
        };
    demanded.putAll(rest.options());
    demanded.put(PGProperty.REQUIRE_AUTH.getName(), methods(options, rest.kind()));
    return new Protection(rest.kind(), rest.roots(), Map.copyOf(demanded));
  }

  private static void checkName(String name, Hosts where) {
    PGProperty property = PGProperty.forName(name);
    if (property == null) {
      throw refused("pgjdbc has no option " + printable(name) + ": correct its name or remove it");
    }
    if (NEVER.contains(property)) {
      throw refused(
          "the option "
              + name
              + " must be removed: who the server is and how it is verified is said by host,"
              + " user and password before the ?, sslmode and sslrootcert");
    }
    if (ONLY_LOCAL.contains(property) && where != Hosts.LOCAL) {
      throw refused("the option " + name + " must be removed: the host is not on this machine");
    }
  }

  private static Protection plain(Hosts where) {
    if (where != Hosts.PRIVATE) {
      throw refused(
          "sslmode=disable is for a private network: a host without a dot, of .internal, .flycast"
              + " or .local, or with a private address. Leave sslmode out, and turn on ssl at the"
              + " server if it is off");
    }
    return new Protection(Kind.PLAIN, "", Map.of(PGProperty.SSL_MODE.getName(), "disable"));
  }

  private static Protection encrypted(Hosts where, String mode, Map<String, String> options) {
    String root = value(options, PGProperty.SSL_ROOT_CERT);
    boolean system = root.equals("system");
    if (!root.isEmpty() && !system && !Path.of(root).isAbsolute()) {
      throw refused("sslrootcert must be system, or an absolute path: programs run in any folder");
    }
    if (!root.isEmpty() && !system) {
      // A root certificate that is named and then not looked at would be a trap.
      String most = mode.equals("verify-ca") && where != Hosts.SUPABASE ? mode : "verify-full";
      return verified(most, "the certificates of sslrootcert", "org.postgresql.ssl.LibPQFactory");
    }
    boolean vouched = where == Hosts.SUPABASE || where == Hosts.NEON || system;
    if (!vouched && !mode.startsWith("verify-")) {
      return unverified(options);
    }
    if (OF_CLIENT_CERTIFICATES.stream().anyMatch(one -> !value(options, one).isEmpty())) {
      throw refused("a client's certificate (sslcert) needs sslrootcert=FILE");
    }
    return where == Hosts.SUPABASE && !system
        ? verified("verify-full", "Supabase's root certificates", SupabaseRoots.class.getName())
        : verified(
            "verify-full",
            "this system's root certificates",
            "org.postgresql.ssl.DefaultJavaSSLFactory");
  }

  private static Protection verified(String mode, String roots, String factory) {
    return new Protection(
        Kind.VERIFIED,
        roots + (mode.equals("verify-ca") ? ", for any host" : ""),
        Map.of(PGProperty.SSL_MODE.getName(), mode, PGProperty.SSL_FACTORY.getName(), factory));
  }

  private static Protection unverified(Map<String, String> options) {
    Map<String, String> demanded = new LinkedHashMap<>();
    demanded.put(PGProperty.SSL_MODE.getName(), "require");
    demanded.put(PGProperty.SSL_FACTORY.getName(), "org.postgresql.ssl.LibPQFactory");
    String binding = value(options, PGProperty.CHANNEL_BINDING).toLowerCase(Locale.ROOT);
    if (binding.isEmpty() || binding.equals("require")) {
      demanded.put(PGProperty.CHANNEL_BINDING.getName(), "require");
      return new Protection(Kind.BOUND, "", demanded);
    }
    return new Protection(Kind.UNVERIFIED, "", demanded);
  }

  /**
   * The methods by which to log in. Where the server is known it may need no password, if the URL
   * says so.
   */
  private static String methods(Map<String, String> options, Kind kind) {
    boolean known = kind == Kind.LOCAL || kind == Kind.VERIFIED;
    String asked = value(options, PGProperty.REQUIRE_AUTH);
    if (asked.isEmpty()) {
      // A server of this machine may let its users in without a password, and then gets none.
      return kind == Kind.LOCAL ? SCRAM + "," + NONE : SCRAM;
    }
    List<String> allowed = known ? List.of(SCRAM, NONE) : List.of(SCRAM);
    List<String> methods = Stream.of(asked.split(",", -1)).map(String::strip).toList();
    if (!allowed.containsAll(methods)) {
      throw refused(
          "requireAuth must be "
              + String.join(" or ", allowed)
              + ": another method shows the server the password, or what does for it");
    }
    return String.join(",", methods);
  }

  private static String value(Map<String, String> options, PGProperty property) {
    return options.getOrDefault(property.getName(), "").strip();
  }

  /** At most its first characters: a password that was not encoded may have become a name. */
  private static String printable(String name) {
    return name.matches("[A-Za-z_]{1,30}") ? name : "of that name";
  }

  private static IllegalArgumentException refused(String why) {
    return new IllegalArgumentException(why);
  }
}
