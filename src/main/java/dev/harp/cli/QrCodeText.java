package dev.harp.cli;

import io.nayuki.qrcodegen.DataTooLongException;
import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/** A QR code in half blocks: two modules above each other are one character. The quiet zone is part of it. */
final class QrCodeText {
    /** Modules of the quiet zone on each side; cameras read codes with 2, though the standard says 4. */
    private static final int QUIET = 2;

    private static final String WHITE = "\u001b[38;5;231;48;5;231m";
    private static final String WHITE_ON_BLACK = "\u001b[38;5;231;48;5;16m";
    private static final String RESET = "\u001b[0m";

    private final QrCode code;

    /** @throws DataTooLongException if the text does not fit any code */
    QrCodeText(String text) {
        this.code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    }

    /** Modules on each side, without the quiet zone. */
    int modules() {
        return code.size;
    }

    /**
     * The lines of the code.
     *
     * @param colour draws black and white by escape sequences, so that cameras read it on dark and light backgrounds
     *     alike; without it, light modules are drawn in the terminal's own colour of text, which is right on a dark
     *     background, and which most cameras read on a light one as well
     */
    List<String> lines(boolean colour) {
        List<String> lines = new ArrayList<>();
        for (int y = -QUIET; y < code.size + QUIET; y += 2) {
            StringBuilder line = new StringBuilder();
            String before = "";
            for (int x = -QUIET; x < code.size + QUIET; x++) {
                boolean upper = !code.getModule(x, y);
                boolean lower = !code.getModule(x, y + 1);
                // Black is always background: fonts leave a gap between two blocks, and cameras see lines there.
                String paint = upper && lower ? WHITE : WHITE_ON_BLACK;
                if (colour && !paint.equals(before)) {
                    line.append(paint);
                    before = paint;
                }
                line.append(upper ? lower ? colour ? ' ' : '\u2588' : '\u2580' : lower ? '\u2584' : ' ');
            }
            lines.add(line.append(colour ? RESET : "").toString());
        }
        return lines;
    }
}
