/**
 * The SDK: both ends of HARP over HTTP. {@link dev.harp.client.Platform} asks, {@link dev.harp.client.Device} answers.
 *
 * <p>A whole example of the asking side:
 *
 * <pre>{@code
 * Environment environment = Environment.system();
 * PlatformCredentials credentials;
 * try (PairingSession session = PairingSession.open(
 *         PairingSession.Settings.of("https://relay.example", "deploy-bot", "build-7"), environment)) {
 *     show(session.link().format());                      // as a QR code
 *     if (!(session.awaitDevice() instanceof PairingSession.Joined)) {
 *         return;                                         // nobody came, or somebody else did: revoked
 *     }
 *     while (session.check(askForSixDigits()) == PairingSession.Check.WRONG) {}
 *     if (!(session.complete() instanceof PairingSession.Paired(PlatformCredentials paired))) {
 *         return;
 *     }
 *     credentials = paired;                               // keep it: credentials.toJson()
 * }
 * try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), environment)) {
 *     Outcome outcome = platform.ask(Ask.authorize("Deploy 2.1 to production", Duration.ofMinutes(5)));
 *     if (outcome instanceof Outcome.Decided decided && decided.isConsent()) {
 *         deploy();
 *     }
 * }
 * }</pre>
 *
 * <p>Every call retries what the relay or the network may answer otherwise later (no connection, 408, 429, 502, 503,
 * 504), waits as long as {@code Retry-After} asks for, and sends the same bytes again, so that nothing is asked or
 * answered twice. Only an {@link dev.harp.client.Outcome.Decided} is a decision; anything else, an exception included,
 * is none.
 */
@NullMarked
package dev.harp.client;

import org.jspecify.annotations.NullMarked;
