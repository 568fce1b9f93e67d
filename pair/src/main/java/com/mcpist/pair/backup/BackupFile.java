package com.mcpist.pair.backup;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.data.PairException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A backup's file: a zip archive with an entry for each table, the rows as COPY writes them in
 * text, and the manifest at its end.
 */
record BackupFile(ZipFile zip, Manifest manifest) implements AutoCloseable {
  static final int FORMAT = 1;
  static final String MANIFEST = "manifest.json";
  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  /** The time is that of the snapshot. */
  record Manifest(
      int format, UUID id, Instant time, int schema, String postgres, List<TableEntry> tables) {
    long rows() {
      return tables.stream().mapToLong(TableEntry::rows).sum();
    }
  }

  /** Bytes and SHA-256 are of the rows, not compressed. */
  record TableEntry(
      String name,
      List<String> columns,
      Map<String, Long> sequences,
      long rows,
      long bytes,
      String sha256) {
    String entry() {
      return entry(name);
    }

    static String entry(String table) {
      return table + ".copy";
    }
  }

  /** Opens one whose format this release knows; a PairException where it is none. */
  static BackupFile open(Path file) throws PairException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (NoSuchFileException _) {
      throw new PairException("there is no file " + file);
    } catch (IOException e) {
      throw new PairException(file + " is no whole backup: " + e.getMessage(), e);
    }
    try {
      return new BackupFile(zip, manifest(zip, file));
    } catch (IOException | JacksonException e) {
      close(zip);
      throw new PairException(file + " is no backup of MCPist, or is damaged", e);
    } catch (PairException e) {
      close(zip);
      throw e;
    }
  }

  private static Manifest manifest(ZipFile zip, Path file) throws IOException, PairException {
    try (InputStream in = input(zip, MANIFEST)) {
      JsonNode tree = JSON.readTree(in);
      int format = tree.path("format").asInt(0);
      if (format > FORMAT) {
        throw new PairException(
            "%s has the format %d, and this release of MCPist reads %d: restore it with a newer one"
                .formatted(file, format, FORMAT));
      }
      return JSON.treeToValue(tree, Manifest.class);
    }
  }

  private static InputStream input(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("there is no " + name);
    }
    return zip.getInputStream(entry);
  }

  @FunctionalInterface
  interface Reader<T, E extends Exception> {
    T read(InputStream rows) throws IOException, E;
  }

  /** Has a table's rows read to their end; a PairException where they are not what was written. */
  <T, E extends Exception> T read(TableEntry table, Reader<T, E> reader) throws PairException, E {
    try (InputStream in = input(zip, table.entry())) {
      DigestInputStream digested = new DigestInputStream(in, Secret.sha256());
      T read = reader.read(digested);
      digested.transferTo(OutputStream.nullOutputStream());
      String found = HexFormat.of().formatHex(digested.getMessageDigest().digest());
      if (found.equals(table.sha256())) {
        return read;
      }
      throw damaged(table, new IOException("its checksum is " + found));
    } catch (IOException e) {
      throw damaged(table, e);
    }
  }

  private PairException damaged(TableEntry table, IOException e) {
    return new PairException(
        "%s is damaged in %s: %s".formatted(zip.getName(), table.name(), e.getMessage()), e);
  }

  private static void close(ZipFile zip) {
    try {
      zip.close();
    } catch (IOException _) {
      // It was only read.
    }
  }

  @Override
  public void close() {
    close(zip);
  }
}
