/** The camera, and the code in its picture. */

export type CameraProblem = 'refused' | 'absent' | 'failed' | 'stuck';

type Reader = (video: HTMLVideoElement) => Promise<string | undefined>;

/** Milliseconds between two looks, and until a camera without a picture is given up. */
const PAUSE = 120;
const PATIENCE = 8_000;
/** Longer sides of the picture that are looked at: a near code first, then one of many modules. */
const WIDTHS = [480, 960];

/** The part of the browsers' shape detection that is used; not all of them have it. */
interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/**
 * Shows the camera in the element, and calls with each text that it reads. Ends when the signal is aborted; then the
 * camera is off.
 */
export async function watchCamera(
  video: HTMLVideoElement,
  signal: AbortSignal,
  onStart: () => void,
  onText: (text: string) => void,
): Promise<CameraProblem | undefined> {
  let stream: MediaStream;
  try {
    stream = await openCamera();
  } catch (error) {
    return problemOf(error);
  }
  const stop = () => {
    for (const track of stream.getTracks()) {
      track.stop();
    }
    video.srcObject = null;
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) {
    stop();
    return undefined;
  }
  try {
    video.srcObject = stream;
    await video.play();
    onStart();
    return await watch(video, stream, signal, onText);
  } catch {
    return signal.aborted ? undefined : 'failed';
  } finally {
    stop();
  }
}

async function openCamera(): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) {
    throw new DOMException('no cameras', 'NotFoundError');
  }
  return navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: 'environment', width: { ideal: 1_280 }, height: { ideal: 720 } },
  });
}

function problemOf(error: unknown): CameraProblem {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    return 'refused';
  }
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'absent' : 'failed';
}

async function watch(
  video: HTMLVideoElement,
  stream: MediaStream,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<CameraProblem | undefined> {
  const read = await chooseReader();
  let last = '';
  let picture = performance.now();
  while (!signal.aborted) {
    if (!stream.active) {
      return 'failed';
    }
    if (video.videoWidth > 0 && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      picture = performance.now();
      const text = await read(video);
      if (text !== undefined && text !== last && !signal.aborted) {
        last = text;
        onText(text);
      }
    } else if (performance.now() - picture > PATIENCE) {
      return 'stuck';
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return undefined;
}

/** The browser's own reader where it has one, else a decoder that is loaded now. */
async function chooseReader(): Promise<Reader> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass };
  if (BarcodeDetector !== undefined) {
    const formats = await BarcodeDetector.getSupportedFormats().catch((): string[] => []);
    if (formats.includes('qr_code')) {
      const detector = new BarcodeDetector({ formats: ['qr_code'] });
      return async (video) => (await detector.detect(video).catch(() => []))[0]?.rawValue;
    }
  }
  const { decodeQR } = await import('qr/decode.js');
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let turn = 0;
  return async (video) => {
    if (context === null) {
      return undefined;
    }
    const scale = Math.min(1, (WIDTHS[turn++ % WIDTHS.length] ?? 480) / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      // No code in this picture.
      return undefined;
    }
  };
}
