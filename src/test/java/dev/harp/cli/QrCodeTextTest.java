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
import dev.harp.testing.FixedRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pairing link as a QR code, read back by another implementation from a screen with the characters. */
class QrCodeTextTest {
    private static final int WHITE = 0xffffff;
    private static final int BLACK = 0;
    private static final int GREY = 0xa0a0a0;
    private static final int CELL_WIDTH = 8;
    private static final int CELL_HEIGHT = 16;

    /**
     * What {@code harp pair} shows for a relay that serves the app itself. Always the same link for a relay: this
     * decoder, which has one picture where a camera takes many, misses some 0.7 % of random codes.
     */
    private static String link(String relay) {
        return PlatformOffer.create("demo", "build-7", new FixedRandom(relay))
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

    /**
     * One line as a terminal draws it: each cell in its background, and blocks in the colour of the text, with a gap at
     * the edges of the cell, as anti-aliased fonts have it.
     */
    private static int[][] pixels(String line, int text, int background) {
        List<int[]> cells = new ArrayList<>();
        int ink = text;
        int paper = background;
        Matcher parts = Pattern.compile("\u001b\\[([0-9;]*)m|(.)").matcher(line);
        while (parts.find()) {
            if (parts.group(2) != null) {
                cells.add(new int[] {parts.group(2).charAt(0), ink, paper});
                continue;
            }
            switch (parts.group(1)) {
                case "38;5;231;48;5;231" -> {
                    ink = WHITE;
                    paper = WHITE;
                }
                case "38;5;231;48;5;16" -> {
                    ink = WHITE;
                    paper = BLACK;
                }
                case "0" -> {
                    ink = text;
                    paper = background;
                }
                default -> throw new AssertionError("unexpected sequence in " + line);
            }
        }
        int[][] rows = new int[CELL_HEIGHT][cells.size() * CELL_WIDTH];
        for (int y = 0; y < CELL_HEIGHT; y++) {
            for (int x = 0; x < rows[y].length; x++) {
                int[] cell = cells.get(x / CELL_WIDTH);
                boolean edge = y == 0 || y == CELL_HEIGHT - 1 || x % CELL_WIDTH == 0 || (x + 1) % CELL_WIDTH == 0;
                rows[y][x] = isInked((char) cell[0], y < CELL_HEIGHT / 2) ? edge ? GREY : cell[1] : cell[2];
            }
        }
        return rows;
    }

    private static boolean isInked(char block, boolean upper) {
        return switch (block) {
            case '\u2588' -> true;
            case '\u2580' -> upper;
            case '\u2584' -> !upper;
            case ' ' -> false;
            default -> throw new AssertionError("unexpected character " + (int) block);
        };
    }
}
