package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.harp.message.PlatformOffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The pairing link as a QR code, read back by another implementation from a screen with the characters. */
class QrCodeTextTest {
    private static final int WHITE = 0xffffff;
    private static final int BLACK = 0;
    private static final int CELL_WIDTH = 8;
    private static final int CELL_HEIGHT = 16;

    /** What {@code harp pair} shows for a relay that serves the app itself. */
    private static String link(String relay) {
        return PlatformOffer.create("demo", "build-7", new SecureRandom())
                .orElseThrow()
                .link("pair_a1b2c3d4e5f6", relay, relay + "/app/")
                .orElseThrow()
                .format();
    }

    @Test
    void camerasReadItOnDarkAndLightScreens() throws ReaderException {
        Map<String, Integer> modules = Map.of(
                "https://harp.example.org", 41,
                "https://approvals.europe-west.platform.example.net", 45,
                "https://harp-relay.production.europe-west1.platform.example.net", 49);
        for (Map.Entry<String, Integer> each : modules.entrySet()) {
            String link = link(each.getKey());
            QrCodeText code = new QrCodeText(link);
            assertThat(each.getKey(), code.modules(), is(each.getValue()));
            assertThat(read(code.lines(true), WHITE, BLACK), is(link));
            assertThat(read(code.lines(true), BLACK, WHITE), is(link));
            // Without colour, it is drawn for dark screens.
            assertThat(read(code.lines(false), WHITE, BLACK), is(link));
        }
    }

    /** With the line of the countdown below. */
    @Test
    void itFitsAScreenOf80By30() {
        QrCodeText code = new QrCodeText(link("https://harp-relay.production.europe-west1.platform.example.net"));
        assertThat(code.modules(), lessThanOrEqualTo(49));
        assertThat(code.lines(true).size(), is(27));
        for (String line : code.lines(false)) {
            assertThat(line.length(), is(53));
        }
    }

    /** A screen with the lines at its top left, in these colours, and with some room around. */
    private static String read(List<String> lines, int text, int background) throws ReaderException {
        List<int[]> rows = new ArrayList<>();
        for (String line : lines) {
            rows.addAll(Arrays.asList(pixels(line, text, background)));
        }
        int width = 80 * CELL_WIDTH;
        int height = 30 * CELL_HEIGHT;
        int[] screen = new int[width * height];
        Arrays.fill(screen, background);
        for (int y = 0; y < rows.size(); y++) {
            System.arraycopy(rows.get(y), 0, screen, y * width, rows.get(y).length);
        }
        var image = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, screen)));
        return new QRCodeReader()
                .decode(image, Map.of(DecodeHintType.TRY_HARDER, true))
                .getText();
    }

    /** The two rows of half cells of one line, as a terminal draws them. */
    private static int[][] pixels(String line, int text, int background) {
        String blackOnWhite = "\u001b[38;5;16;48;5;231m";
        boolean coloured = line.startsWith(blackOnWhite);
        String characters = line.replace(blackOnWhite, "").replace("\u001b[0m", "");
        int ink = coloured ? BLACK : text;
        int paper = coloured ? WHITE : background;
        int[][] rows = new int[CELL_HEIGHT][characters.length() * CELL_WIDTH];
        for (int x = 0; x < characters.length() * CELL_WIDTH; x++) {
            char cell = characters.charAt(x / CELL_WIDTH);
            for (int y = 0; y < CELL_HEIGHT; y++) {
                boolean upper = y < CELL_HEIGHT / 2;
                boolean inked = switch (cell) {
                    case '\u2588' -> true;
                    case '\u2580' -> upper;
                    case '\u2584' -> !upper;
                    case ' ' -> false;
                    default -> throw new AssertionError("unexpected character " + (int) cell);
                };
                rows[y][x] = inked ? ink : paper;
            }
        }
        return rows;
    }
}
