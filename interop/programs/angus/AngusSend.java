import jakarta.mail.Address;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Sends files with Jakarta Mail, one transaction each on one connection.
 *
 * <p>AngusSend PORT off|starttls|implicit AUTHORITY USER PASSWORD MAIL_FROM RECIPIENT,… FILE…
 *
 * <p>-Dchunk=N on the command line of Java: content by BDAT in chunks of N bytes where CHUNKING is offered.
 *
 * <p>Exit status 0 when every file was taken, 1 with a trace otherwise.
 */
public final class AngusSend {
    private static final String HOST = "127.0.0.1";

    public static void main(String[] args) throws Exception {
        Properties properties = properties(args[1], args[2]);
        properties.put("mail.smtp.from", args[5]);
        Session session = Session.getInstance(properties);
        Address[] recipients = InternetAddress.parse(args[6]);
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect(HOST, Integer.parseInt(args[0]), args[3], args[4]);
            for (int i = 7; i < args.length; i++) {
                try (InputStream file = Files.newInputStream(Path.of(args[i]))) {
                    transport.sendMessage(new MimeMessage(session, file), recipients);
                }
            }
        }
    }

    private static Properties properties(String mode, String authority) throws Exception {
        Properties properties = new Properties();
        properties.put("mail.smtp.localhost", "client.example.com");
        properties.put("mail.smtp.auth", "true");
        String chunk = System.getProperty("chunk");
        if (chunk != null) {
            properties.put("mail.smtp.chunksize", chunk);
        }
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.ssl.socketFactory", trusting(authority));
        properties.put("mail.smtp.ssl.enable", String.valueOf(mode.equals("implicit")));
        properties.put("mail.smtp.starttls.enable", String.valueOf(mode.equals("starttls")));
        properties.put("mail.smtp.starttls.required", String.valueOf(mode.equals("starttls")));
        return properties;
    }

    private static SSLSocketFactory trusting(String authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = Files.newInputStream(Path.of(authority))) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
