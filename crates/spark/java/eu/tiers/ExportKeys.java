package eu.tiers;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.crypto.DecryptionPropertiesFactory;
import org.apache.parquet.crypto.FileDecryptionProperties;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;

/**
 * Opens the files of one export with the key that its session was told. It knows no other key, keeps none and
 * writes nothing; a session that was told none reads what is not encrypted, as before.
 *
 * Each file is bound to its export and to its place there: a file that was put in another's place does not open.
 */
public final class ExportKeys implements DecryptionPropertiesFactory {
  private static final int KEY_BYTES = 32;

  @Override
  public FileDecryptionProperties getFileDecryptionProperties(Configuration session, Path file) {
    String secret = session.get("tiers.export.secret");
    String export = session.get("tiers.export.aad");
    if (secret == null || export == null) {
      return null;
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(secret);
    } catch (IllegalArgumentException malformed) {
      // Without its cause, which quotes what it read.
      throw new ParquetCryptoRuntimeException("tiers.export.secret is not base64");
    }
    if (key.length != KEY_BYTES) {
      throw new ParquetCryptoRuntimeException("tiers.export.secret is not a key of 32 bytes");
    }
    String place = file.getParent().getName() + "/" + file.getName();
    return FileDecryptionProperties.builder()
        .withFooterKey(key)
        .withAADPrefix((export + place).getBytes(StandardCharsets.UTF_8))
        .build();
  }
}
