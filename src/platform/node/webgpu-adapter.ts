/** What graphics device WebGPU will run on, asked of the system before ONNX Runtime is: without one, its
 * WebGPU library writes lines of its own to stderr, and it tells no names. */

import { GalateaError } from "../../core/index.ts";
import { loadPinned } from "./pinned-library.ts";

/** VkPhysicalDeviceType by value, in the order in which WebGPU prefers them when asked for speed. */
const kinds = [
  { value: 2, name: "graphics card" },
  { value: 1, name: "integrated graphics" },
  { value: 3, name: "virtual graphics device" },
  { value: 0, name: "graphics device" },
  { value: 4, name: "software on the processor" },
] as const;

/** Sizes and offsets of vulkan_core.h on 64 bits: VkInstanceCreateInfo, VkPhysicalDeviceProperties. */
const layout = { createInfo: 64, properties: 1024, deviceType: 16, deviceName: 20, nameLength: 256 } as const;
/** VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO; VK_SUCCESS. */
const [instanceCreateInfo, success] = [1, 0];

interface Device {
  readonly name: string;
  readonly type: number;
}

/** The devices that Vulkan offers; none without a driver. @throws Error when Vulkan itself is missing */
function vulkanDevices(): Device[] {
  const vulkan = loadPinned("libvulkan.so.1");
  const create = vulkan.func("vkCreateInstance", "int", ["void *", "void *", "void *"]);
  const destroy = vulkan.func("vkDestroyInstance", "void", ["void *", "void *"]);
  const enumerate = vulkan.func("vkEnumeratePhysicalDevices", "int", ["void *", "void *", "void *"]);
  const describe = vulkan.func("vkGetPhysicalDeviceProperties", "void", ["void *", "void *"]);
  const info = new DataView(new ArrayBuffer(layout.createInfo));
  info.setInt32(0, instanceCreateInfo, true);
  const instance = new BigUint64Array(1);
  if (create(new Uint8Array(info.buffer), null, instance) !== success) return [];
  try {
    const count = new Uint32Array(1);
    if (enumerate(instance[0], count, null) !== success) return [];
    const devices = new BigUint64Array(count[0]);
    if (enumerate(instance[0], count, devices) !== success) return [];
    return Array.from(devices.subarray(0, count[0]), (device) => {
      const properties = Buffer.alloc(layout.properties);
      describe(device, properties);
      const text = properties.toString("utf8", layout.deviceName, layout.deviceName + layout.nameLength);
      return { name: text.split("\0")[0], type: properties.readUInt32LE(layout.deviceType) };
    });
  } finally {
    destroy(instance[0], null);
  }
}

/**
 * Describes the graphics device, for people.
 * @throws GalateaError `backend` when there is none.
 */
export function requireAdapter(): string {
  // Direct3D and Metal are parts of their systems.
  if (process.platform !== "linux") return "the system's graphics device";
  const devices = linuxDevices();
  const known = kinds.flatMap(({ value, name: kind }) =>
    devices.filter(({ type }) => type === value).map(({ name }) => `${name} (${kind})`),
  );
  if (known.length > 0) return known[0];
  const right = "install the Vulkan driver of your graphics card, or use the CPU backend";
  throw new GalateaError("backend", "webgpu", "this machine has no graphics device that Vulkan knows", right);
}

function linuxDevices(): Device[] {
  try {
    return vulkanDevices();
  } catch (error) {
    const right = "install it (libvulkan1 on Debian) with the driver of your graphics card, or use the CPU backend";
    throw new GalateaError("backend", "webgpu", "Vulkan's loader libvulkan.so.1 is missing", right, { cause: error });
  }
}
