@NullMarked
package com.mcpist.deploy.image;

import org.jspecify.annotations.NullMarked;
