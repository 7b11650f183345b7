package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code mvnw} on a machine without Maven and without {@code unzip}, as the JDK's image is: it takes the other archive.
 */
@DisabledOnOs(OS.WINDOWS)
class MavenWrapperTest {
    private static final String PROPERTIES = ".mvn/wrapper/maven-wrapper.properties";
    private static final List<String> PROGRAMS = List.of(
            "basename",
            "cat",
            "chmod",
            "curl",
            "dirname",
            "grep",
            "gzip",
            "ls",
            "mkdir",
            "mktemp",
            "mv",
            "rm",
            "sed",
            "sh",
            "sha256sum",
            "shasum",
            "tar",
            "tr",
            "uname",
            "wget");

    @TempDir
    private Path folder;

    private HttpServer repository;
    private String sum = "";

    @BeforeEach
    void aRepositoryWithAMavenThatSaysHello() throws IOException, InterruptedException, NoSuchAlgorithmException {
        Path maven = folder.resolve("apache-maven-1.0");
        Path program = Files.createDirectories(maven.resolve("bin")).resolve("mvn");
        Files.writeString(program, "#!/bin/sh\necho hello \"$@\"\n");
        assertThat(program.toFile().setExecutable(true), is(true));
        Path served = Files.createDirectories(folder.resolve("served/org/apache/maven"));
        Path archive = served.resolve("apache-maven-1.0-bin.tar.gz");
        run(new ProcessBuilder("tar", "czf", archive.toString(), "-C", folder.toString(), "apache-maven-1.0"), 0);
        sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(archive)));
        repository = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder.resolve("served"), OutputLevel.NONE);
        repository.start();
        Files.copy(Path.of("mvnw"), folder.resolve("mvnw"));
    }

    @AfterEach
    void stop() {
        repository.stop(0);
    }

    private static String run(ProcessBuilder builder, int exit) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(exit));
        return output;
    }

    /** The programs that {@code mvnw} finds: what a small image has. */
    private Path programs() throws IOException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        for (String name : PROGRAMS) {
            Path program = Path.of("/usr/bin", name);
            if (!Files.exists(program)) {
                program = Path.of("/bin", name);
            }
            if (Files.exists(program)) {
                Path starter = Files.writeString(programs.resolve(name), "#!/bin/sh\nexec " + program + " \"$@\"\n");
                assertThat(starter.toFile().setExecutable(true), is(true));
            }
        }
        return programs;
    }

    private String mvnw(String ofTheTar, int exit) throws IOException, InterruptedException {
        String address = "http://127.0.0.1:" + repository.getAddress().getPort();
        Files.createDirectories(folder.resolve(".mvn/wrapper"));
        Files.writeString(
                folder.resolve(PROPERTIES),
                String.join(
                        "\n",
                        "distributionUrl=" + address + "/org/apache/maven/apache-maven-1.0-bin.zip",
                        "distributionSha256Sum=" + "0".repeat(64),
                        "distributionSha256SumTarGz=" + ofTheTar,
                        ""));
        ProcessBuilder builder =
                new ProcessBuilder("/bin/sh", folder.resolve("mvnw").toString(), "there");
        builder.environment().put("PATH", programs().toString());
        builder.environment().put("MAVEN_USER_HOME", folder.resolve("home").toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("MVNW_"));
        return run(builder, exit);
    }

    @Test
    void withoutUnzipTheOtherArchiveIsComparedWithItsOwnSum() throws IOException, InterruptedException {
        assertThat(mvnw(sum, 0), is("hello there\n"));
    }

    @Test
    void anotherArchiveThanTheSumSaysIsNotRun() throws IOException, InterruptedException {
        String output = mvnw("1".repeat(64), 1);
        assertThat(output, containsString("Failed to validate Maven distribution SHA-256"));
        assertThat(output, not(containsString("hello")));
    }

    /** A new version of Maven needs both. */
    @Test
    void theCheckoutNamesBothSums() throws IOException {
        Properties properties = new Properties();
        try (var file = Files.newInputStream(Path.of(PROPERTIES))) {
            properties.load(file);
        }
        for (String name : List.of("distributionSha256Sum", "distributionSha256SumTarGz")) {
            assertThat(properties.getProperty(name), matchesPattern("[0-9a-f]{64}"));
        }
    }
}
