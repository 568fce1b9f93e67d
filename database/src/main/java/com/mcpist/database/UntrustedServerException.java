package com.mcpist.database;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * A server that answered is not shown to be the database, so it was not given the password. The
 * message is one sentence on what it did, and one on what to do; it has no password in it.
 */
public final class UntrustedServerException extends SQLException {
  private static final long serialVersionUID = 1L;

  /** The end of two messages of pgjdbc's. */
  private static final String ONLY_SCRAM =
      "Channel binding is only supported with SCRAM authentication over encrypted connections.";

  private UntrustedServerException(String message, SQLException failure) {
    // No cause: whoever looks for the first of the causes finds this sentence.
    super(message, failure.getSQLState());
    addSuppressed(failure);
  }

  /** The failure of a connection in these words, where it is one of trust; else as it is. */
  static SQLException of(SQLException failure, String hosts, Protection protection) {
    String why = why(failure, protection);
    return why.isEmpty() ? failure : new UntrustedServerException(hosts + " " + why, failure);
  }

  private static String why(SQLException failure, Protection protection) {
    String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    if (causes(failure)
        .anyMatch(
            e -> e instanceof CertificateException || e instanceof CertPathValidatorException)) {
      return "shows a certificate that "
          + protection.roots()
          + " do not vouch for ("
          + message
          + "), so it was not given the password. If the server is the right one, name the file"
          + " with its authority's certificate by sslrootcert";
    }
    if (message.startsWith(
        untilArgument("The hostname {0} could not be verified by hostnameverifier {1}."))) {
      return "shows the certificate of another host, so it was not given the password. Write the"
          + " host as the certificate has it";
    }
    if (!isOfTheClient(failure)) {
      return "";
    }
    if (message.equals(GT.tr("The server does not support SSL."))) {
      return "offers no TLS, so it was not given the password. Turn on ssl at the server; only on a"
          + " private network, write sslmode=disable instead";
    }
    if (message.equals(GT.tr("Authentication method is not allowed by requireAuth"))
        || message.equals(
            GT.tr("Channel binding is required, but server skipped authentication. " + ONLY_SCRAM))
        || message.startsWith(
            untilArgument(
                "Channel binding is required, but server requested ''{0}'' authentication. "
                    + ONLY_SCRAM))) {
      return "does not ask for the password by SCRAM-SHA-256, so it was not given it. At the"
          + " server, set password_encryption to scram-sha-256, set the role's password"
          + " again, and write scram-sha-256 in pg_hba.conf";
    }
    return protection.kind() == Protection.Kind.BOUND
        ? "does not prove by SCRAM-SHA-256 with channel binding that it knows the password ("
            + message
            + "). If it is a pooler, which cannot, name the file with its authority's certificate"
            + " by sslrootcert"
        : "is not trusted with the password: " + message;
  }

  /** Whether pgjdbc itself rejected the connection. */
  private static boolean isOfTheClient(SQLException failure) {
    return failure instanceof PSQLException own
        && own.getServerErrorMessage() == null
        && PSQLState.CONNECTION_REJECTED.getState().equals(own.getSQLState());
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, e -> e != null, Throwable::getCause);
  }

  /** The beginning of pgjdbc's message, in the language of this system. */
  private static String untilArgument(String message) {
    String told = GT.tr(message, "\n", "\n");
    int argument = told.indexOf('\n');
    return argument < 0 ? told : told.substring(0, argument);
  }
}
