package com.mcpist.database;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.postgresql.ssl.WrappedFactory;

/**
 * The sockets of connections to Supabase. They trust Supabase's own root certificates alone, which
 * no system's trust store has. pgjdbc makes one for each connection, by the class's name.
 */
public final class SupabaseRoots extends WrappedFactory {
  private static final String FILE = "supabase-roots.pem";

  /**
   * Throws GeneralSecurityException or IOException if the certificates of this program cannot be
   * read.
   *
   * @param properties the connection's, which pgjdbc passes and none of which matters here
   */
  @SuppressWarnings("unused") // pgjdbc looks for a constructor with this parameter.
  public SupabaseRoots(Properties properties) throws GeneralSecurityException, IOException {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    try (InputStream file = SupabaseRoots.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new FileNotFoundException(FILE);
      }
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
        roots.setCertificateEntry("root " + roots.size(), root);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    factory = context.getSocketFactory();
  }
}
