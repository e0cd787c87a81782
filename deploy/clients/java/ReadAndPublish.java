// Reads from a national node over REST and publishes through it, with what Java 17 brings.
//
// usage: java ReadAndPublish.java https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public final class ReadAndPublish {
    /** A refusal, which is a problem (RFC 9457): it says what happened and what to do next. */
    static final class Refused extends RuntimeException {
        Refused(String text) {
            super(text);
        }
    }

    private final String url;
    private final HttpClient client;

    /** The node's port, with the certificate that `multaqa-node client add` wrote. */
    ReadAndPublish(String url, String certificate, String key, String ca) throws IOException, GeneralSecurityException {
        var own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry("system", privateKey(key), new char[0], certificates(certificate));
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (var one : certificates(ca)) {
            trusted.setCertificateEntry("ca" + trusted.size(), one);
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var tls = SSLContext.getInstance("TLSv1.3");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        this.url = url;
        this.client = HttpClient.newBuilder().sslContext(tls).connectTimeout(Duration.ofSeconds(60)).build();
    }

    static Certificate[] certificates(String file) throws IOException, GeneralSecurityException {
        try (var bytes = new ByteArrayInputStream(Files.readAllBytes(Path.of(file)))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(bytes).toArray(Certificate[]::new);
        }
    }

    /** A key as `openssl req -newkey` writes it: PKCS #8 in PEM. */
    static PrivateKey privateKey(String file) throws IOException, GeneralSecurityException {
        var text = Files.readString(Path.of(file)).replaceAll("-----[A-Z ]+-----", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text.strip()));
        for (var algorithm : List.of("EC", "RSA", "Ed25519")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException another) {
                // The next algorithm may be the key's.
            }
        }
        throw new InvalidKeySpecException("no key of EC, RSA or Ed25519 in " + file);
    }

    HttpResponse<String> ask(String method, String path, Map<String, ?> query, byte[] body)
            throws IOException, InterruptedException {
        var pairs = query.entrySet().stream()
                .map(pair -> pair.getKey() + "=" + URLEncoder.encode(pair.getValue().toString(), StandardCharsets.UTF_8));
        var target = URI.create(url + path + pairs.collect(Collectors.joining("&", "?", "")).replaceAll("\\?$", ""));
        var request = HttpRequest.newBuilder(target)
                .timeout(Duration.ofSeconds(60))
                .header("Accept-Language", "ar, fr;q=0.8, en;q=0.6")
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        var answer = client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (answer.statusCode() >= 400) {
            var said = Json.object(answer.body());
            var broken = Json.list(said.get("errors")).stream()
                    .map(one -> one.get("at") + ": " + one.get("detail") + "\n").collect(Collectors.joining());
            throw new Refused(said.get("code") + ": " + said.get("detail") + "\n" + broken + said.get("help"));
        }
        return answer;
    }

    Map<String, Object> get(String path, Map<String, ?> query) throws IOException, InterruptedException {
        return Json.object(ask("GET", path, query, null).body());
    }

    void read() throws IOException, InterruptedException {
        List<Map<String, Object>> services = new ArrayList<>();
        var query = new LinkedHashMap<String, Object>(Map.of("pageSize", 3));
        var pages = 0;
        String token;
        do { // Each page names the next, until the last.
            var page = get("/v1/services", query);
            services.addAll(Json.list(page.get("objects")));
            token = (String) page.get("next_page_token");
            query.put("pageToken", token);
            pages++;
        } while (!token.isEmpty());
        System.out.println("services: " + services.size() + " on " + pages + " pages");
        services.forEach(service -> System.out.println("  " + service.get("id") + "  " + inArabic(service)));

        if (!services.isEmpty()) {
            var answer = ask("GET", "/v1/services/" + services.get(0).get("id"), Map.of(), null);
            var payload = Json.map(Json.object(answer.body()).get("payload"));
            var state = answer.headers().firstValue("multaqa-state").orElseThrow();
            System.out.println("record: " + services.get(0).get("id") + ", " + payload.get("service_type") + ", " + state);
        }

        var found = get("/v1/search", Map.of("q", "الهوية الرقمية", "pageSize", 5));
        System.out.println("search: " + found.get("total"));
        for (var hit : Json.list(found.get("hits"))) {
            var object = Json.map(hit.get("object"));
            System.out.println("  " + object.get("id") + "  " + inArabic(object));
        }

        for (var indicator : Json.list(get("/v1/indicators", Map.of("pageSize", 1)).get("objects"))) {
            var figures = get("/v1/indicators/" + indicator.get("id") + "/observations", Map.of("pageSize", 5));
            System.out.println("figures: " + indicator.get("id"));
            for (var one : Json.list(figures.get("observations"))) {
                // A decimal with the digits as published; null where there is no figure.
                var value = one.get("value") == null ? "-" : one.get("value");
                System.out.println("  " + one.get("ref_area") + " " + one.get("time_period") + " " + value);
            }
        }
    }

    void publish(byte[] record) throws IOException, InterruptedException {
        var published = Json.object(ask("POST", "/v1/records", Map.of(), record).body());
        var one = Json.list(published.get("records")).get(0);
        // It is signed and kept. What reads show it is the log's position at which it stands; the queue tells it.
        Map<String, Object> query = Map.of();
        while (one.get("state").equals("queued") && query.isEmpty()) {
            var waiting = Json.list(get("/v1/queue", Map.of("pageSize", 500)).get("records")).stream()
                    .filter(entry -> entry.get("record_id").equals(one.get("record_id"))).findFirst();
            if (waiting.isEmpty()) {
                break; // It is back on the node's own replica.
            }
            var state = waiting.get().get("state");
            if (List.of("void", "rejected").contains(state)) {
                throw new Refused(one.get("id") + ": " + state + ": " + waiting.get().get("code"));
            }
            if (waiting.get().get("index") instanceof Long index) {
                query = Map.of("minPosition", index + 1);
            } else {
                Thread.sleep(500);
            }
        }
        var got = get("/v1/records/" + one.get("id"), query);
        System.out.println("published: " + one.get("id") + ", revision " + got.get("revision"));
    }

    /** A title in Arabic where it has that. */
    static Object inArabic(Map<String, Object> object) {
        var title = Json.map(object.get("title"));
        return title.containsKey("ar") ? title.get("ar") : title.values().stream().findFirst().orElse("");
    }

    public static void main(String[] args) throws IOException, GeneralSecurityException, InterruptedException {
        if (args.length < 4) {
            System.err.println("usage: java ReadAndPublish.java https://NODE:7443 CERTIFICATE.pem KEY.pem CA.pem [RECORD.json]");
            System.exit(2);
        }
        System.setOut(new java.io.PrintStream(System.out, true, StandardCharsets.UTF_8));
        System.setErr(new java.io.PrintStream(System.err, true, StandardCharsets.UTF_8));
        try {
            var node = new ReadAndPublish(args[0], args[1], args[2], args[3]);
            node.read();
            if (args.length > 4) {
                node.publish(Files.readAllBytes(Path.of(args[4])));
            }
        } catch (Refused refused) {
            System.err.println(refused.getMessage());
            System.exit(1);
        }
    }

    /** Reads what the node answers, so that the file runs by itself; a program has a library for it. */
    static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Map<String, Object> object(String text) {
            return map(new Json(text).value());
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> map(Object value) {
            return (Map<String, Object>) value;
        }

        @SuppressWarnings("unchecked")
        static List<Map<String, Object>> list(Object value) {
            return (List<Map<String, Object>>) value;
        }

        private Object value() {
            switch (next()) {
                case '{':
                    var object = new LinkedHashMap<String, Object>();
                    for (at++; next() != '}'; skip(',')) {
                        var name = string();
                        skip(':');
                        object.put(name, value());
                    }
                    at++;
                    return object;
                case '[':
                    var list = new ArrayList<>();
                    for (at++; next() != ']'; skip(',')) {
                        list.add(value());
                    }
                    at++;
                    return list;
                case '"':
                    return string();
                default:
                    var from = at;
                    while (at < text.length() && ",]} \n\r\t".indexOf(text.charAt(at)) < 0) {
                        at++;
                    }
                    var word = text.substring(from, at);
                    return switch (word) {
                        case "null" -> null;
                        case "true", "false" -> Boolean.valueOf(word);
                        default -> word.matches("-?\\d+") ? (Object) Long.valueOf(word) : Double.valueOf(word);
                    };
            }
        }

        private String string() {
            var out = new StringBuilder();
            next();
            for (at++; text.charAt(at) != '"'; at++) {
                var c = text.charAt(at);
                if (c == '\\') {
                    c = text.charAt(++at);
                    if (c == 'u') {
                        c = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                        at += 4;
                    } else if ("bfnrt".indexOf(c) >= 0) {
                        c = "\b\f\n\r\t".charAt("bfnrt".indexOf(c));
                    }
                }
                out.append(c);
            }
            at++;
            return out.toString();
        }

        private char next() {
            while (" \n\r\t".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return text.charAt(at);
        }

        private void skip(char c) {
            if (next() == c) {
                at++;
            }
        }
    }
}
